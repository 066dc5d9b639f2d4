#include "output/preview_sink.h"

#if VIBA_WITH_PREVIEW

#include <SDL.h>
#include <fmt/format.h>

namespace viba {
namespace {

struct Destroy {
  void operator()(SDL_Window* window) const { SDL_DestroyWindow(window); }
  void operator()(SDL_Renderer* renderer) const { SDL_DestroyRenderer(renderer); }
  void operator()(SDL_Texture* texture) const { SDL_DestroyTexture(texture); }
};

Error no_window() {
  return {ErrorCode::kUnsupported,
          "The preview window cannot be opened, because no screen was found; leave out --preview here."};
}

/// Without a screen SDL falls back to drivers that draw into the void. Whoever names one wants it.
bool shows_nothing() {
  const char* chosen = SDL_GetHint(SDL_HINT_VIDEODRIVER);
  const std::string_view driver = SDL_GetCurrentVideoDriver();
  return chosen == nullptr && (driver == "offscreen" || driver == "dummy" || driver == "evdev");
}

std::optional<Sink::Request> request_of(const SDL_Event& event) {
  if (event.type != SDL_KEYDOWN || event.key.repeat != 0) return std::nullopt;
  if (event.key.keysym.sym == SDLK_f) return Sink::Request::kForgetRoom;
  if (event.key.keysym.sym == SDLK_l) return Sink::Request::kLearnRoom;
  return std::nullopt;
}

bool asks_to_close(const SDL_Event& event) {
  if (event.type == SDL_QUIT) return true;
  return event.type == SDL_KEYDOWN && (event.key.keysym.sym == SDLK_ESCAPE || event.key.keysym.sym == SDLK_q);
}

class PreviewSink final : public Sink {
 public:
  explicit PreviewSink(Size size) : size_(size) {}
  ~PreviewSink() override {
    texture_.reset();
    renderer_.reset();
    window_.reset();
    if (started_) SDL_QuitSubSystem(SDL_INIT_VIDEO);
  }

  std::string name() const override { return "the preview window"; }
  bool live() const override { return true; }

  void listen(const std::function<void(Request)>& grant) override { grant_ = grant; }

  Result<void> write(const SafeFrame& safe) override {
    if (!window_)
      if (auto ok = open(); !ok) return ok;
    for (SDL_Event event; SDL_PollEvent(&event) != 0;) {
      if (asks_to_close(event)) return fail(ErrorCode::kClosed, "The preview window was closed.");
      if (const auto request = request_of(event)) grant_(*request);
    }
    const Frame& frame = safe.frame();
    SDL_UpdateYUVTexture(texture_.get(), nullptr, frame.y().data, frame.y().stride, frame.u().data, frame.u().stride,
                         frame.v().data, frame.v().stride);
    SDL_RenderClear(renderer_.get());
    SDL_RenderCopy(renderer_.get(), texture_.get(), nullptr, nullptr);
    SDL_RenderPresent(renderer_.get());
    return {};
  }

 private:
  Result<void> open() {
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");  // Ctrl-C belongs to the program
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    if (!started_ && SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) return tl::unexpected(no_window());
    started_ = true;
    if (shows_nothing()) return tl::unexpected(no_window());
    SDL_SetYUVConversionMode(SDL_YUV_CONVERSION_BT601);
    window_.reset(SDL_CreateWindow("ViBa", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, size_.width, size_.height,
                                   SDL_WINDOW_RESIZABLE));
    if (!window_) return tl::unexpected(no_window());
    renderer_.reset(SDL_CreateRenderer(window_.get(), -1, 0));
    if (!renderer_) return tl::unexpected(no_window());
    SDL_RenderSetLogicalSize(renderer_.get(), size_.width, size_.height);
    texture_.reset(SDL_CreateTexture(renderer_.get(), SDL_PIXELFORMAT_IYUV, SDL_TEXTUREACCESS_STREAMING, size_.width,
                                     size_.height));
    if (!texture_) return tl::unexpected(no_window());
    return {};
  }

  Size size_;
  std::function<void(Request)> grant_ = [](Request) {};
  bool started_ = false;
  std::unique_ptr<SDL_Window, Destroy> window_;
  std::unique_ptr<SDL_Renderer, Destroy> renderer_;
  std::unique_ptr<SDL_Texture, Destroy> texture_;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_preview_sink(Size size) { return std::make_unique<PreviewSink>(size); }

}  // namespace viba

#else

namespace viba {

Result<std::unique_ptr<Sink>> make_preview_sink(Size) {
  return fail(ErrorCode::kUnsupported, "This ViBa was built without a preview window; leave out --preview.");
}

}  // namespace viba

#endif
