#include "composite/compositor.h"

#include <fmt/format.h>

#include "composite/background.h"
#include "composite/blend.h"
#include "composite/notice.h"
#include "media/scale.h"

namespace viba {
namespace {

Notice notice_for(Compositor::Why why) {
  switch (why) {
    case Compositor::Why::kStarting: return Notice::kStarting;
    case Compositor::Why::kNoCamera: return Notice::kNoCamera;
    case Compositor::Why::kAskedAway: return Notice::kStepOut;
    case Compositor::Why::kNoMatte: break;
  }
  return Notice::kHidden;
}

class BackgroundCompositor final : public Compositor, private SafeFrameMaker {
 public:
  BackgroundCompositor(std::unique_ptr<Background> background, double light_wrap)
      : background_(std::move(background)), blender_(light_wrap) {}

  Result<SafeFrame> composite(const Frame& frame, const Matte& matte) override {
    if (matte.empty() || matte.size() != frame.size())
      return fail(ErrorCode::kInternal, fmt::format("The matte is {}x{}, but its frame {}x{}.", matte.size().width,
                                                    matte.size().height, frame.size().width, frame.size().height));
    const auto behind = background_->behind(frame, matte);
    if (!behind) return tl::unexpected(behind.error());
    if (behind->size() != frame.size())
      return fail(ErrorCode::kInternal, "The frame changed its size, but the background did not.");
    return pool_.acquire(frame.size()).map([&](MutableFrame&& out) {
      blender_.run(frame, *behind, matte, out);
      return vouch_for(std::move(out).freeze(frame.info()));
    });
  }

  Result<SafeFrame> placeholder(const Frame* frame, FrameInfo info, Why why) override {
    const auto picture = background_->instead_of(frame, info.position);
    if (!picture) return tl::unexpected(picture.error());
    return pool_.acquire(picture->size()).map([&](MutableFrame&& out) {
      copy(*picture, out);
      draw_notice(out, notice_for(why));
      return vouch_for(std::move(out).freeze(info));
    });
  }

 private:
  std::unique_ptr<Background> background_;
  Blender blender_;
  FramePool pool_;
};

}  // namespace

Result<std::unique_ptr<Compositor>> make_compositor(const Options& options, Size size, const Log& log) {
  return make_background(options, size, log)
      .map([&](std::unique_ptr<Background>&& background) -> std::unique_ptr<Compositor> {
        return std::make_unique<BackgroundCompositor>(std::move(background), options.light_wrap);
      });
}

}  // namespace viba
