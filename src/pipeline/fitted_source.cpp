#include "pipeline/fitted_source.h"

#include "media/scale.h"

namespace viba {
namespace {

class FittedSource final : public Source {
 public:
  FittedSource(std::unique_ptr<Source> source, Size size) : source_(std::move(source)), size_(size) {}

  SourceInfo info() const override {
    SourceInfo info = source_->info();
    info.size = size_;
    return info;
  }

  Result<std::optional<Frame>> read(std::stop_token stop) override {
    auto frame = source_->read(std::move(stop));
    if (!frame || !*frame || (*frame)->size() == size_) return frame;
    return pool_.acquire(size_).map([&](MutableFrame&& fitted) {
      scale(**frame, fitted, Fit::kCover);
      return std::optional(std::move(fitted).freeze((*frame)->info()));
    });
  }

  std::uint64_t skipped() const override { return source_->skipped(); }
  void rest() override { source_->rest(); }

 private:
  std::unique_ptr<Source> source_;
  Size size_;
  FramePool pool_;
};

}  // namespace

std::unique_ptr<Source> fit_source(std::unique_ptr<Source> source, Size size) {
  return std::make_unique<FittedSource>(std::move(source), size);
}

}  // namespace viba
