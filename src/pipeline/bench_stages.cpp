#include "pipeline/bench_stages.h"

#include <utility>

#include "output/output_format.h"

namespace viba {
namespace {

template <class Work>
auto timed(Clock::duration& time, Work&& work) {
  const auto start = Clock::now();
  auto result = work();
  time = Clock::now() - start;
  return result;
}

class MeasuredSegmenter final : public Segmenter {
 public:
  MeasuredSegmenter(std::unique_ptr<Segmenter> inner, BenchLap& lap) : inner_(std::move(inner)), lap_(lap) {}

  std::string name() const override { return inner_->name(); }
  double threshold() const override { return inner_->threshold(); }
  std::chrono::nanoseconds network_time() const override { return inner_->network_time(); }
  int network_runs() const override { return inner_->network_runs(); }
  void reset() override { inner_->reset(); }

  Result<void> segment(const Frame& frame, Confidence& confidence) override {
    auto done = timed(lap_.of(Stage::kSegment), [&] { return inner_->segment(frame, confidence); });
    lap_.network = inner_->network_time();
    lap_.network_runs = inner_->network_runs();
    return done;
  }

 private:
  std::unique_ptr<Segmenter> inner_;
  BenchLap& lap_;
};

class MeasuredRefiner final : public Refiner {
 public:
  MeasuredRefiner(std::unique_ptr<Refiner> inner, BenchLap& lap) : inner_(std::move(inner)), lap_(lap) {}

  void reset() override { inner_->reset(); }
  void forget_room() override { inner_->forget_room(); }
  void learn_room() override { inner_->learn_room(); }

  Result<Matte> refine(const Frame& frame, const Confidence& confidence) override {
    return timed(lap_.of(Stage::kRefine), [&] { return inner_->refine(frame, confidence); });
  }

 private:
  std::unique_ptr<Refiner> inner_;
  BenchLap& lap_;
};

class MeasuredCompositor final : public Compositor {
 public:
  MeasuredCompositor(std::unique_ptr<Compositor> inner, BenchLap& lap) : inner_(std::move(inner)), lap_(lap) {}

  Result<SafeFrame> composite(const Frame& frame, const Matte& matte) override {
    auto safe = timed(lap_.of(Stage::kComposite), [&] { return inner_->composite(frame, matte); });
    if (safe) lap_.shown = BenchLap::Shown::kPerson;
    return safe;
  }

  Result<SafeFrame> placeholder(const Frame* frame, FrameInfo info, Why why) override {
    lap_.shown = frame ? BenchLap::Shown::kHidden : BenchLap::Shown::kNobody;
    return timed(lap_.of(Stage::kComposite), [&] { return inner_->placeholder(frame, info, why); });
  }

 private:
  std::unique_ptr<Compositor> inner_;
  BenchLap& lap_;
};

class BenchSink final : public Sink {
 public:
  BenchSink(Size size, BenchLap& lap, std::function<Result<void>(const FrameInfo&)> packed)
      : buffer_(preferred_output_format().bytes(size)), lap_(lap), packed_(std::move(packed)) {}

  std::string name() const override { return "memory"; }
  bool live() const override { return true; }

  Result<void> write(const SafeFrame& safe) override {
    const auto start = Clock::now();
    preferred_output_format().pack(safe.frame(), buffer_.data());
    lap_.of(Stage::kSinks) = Clock::now() - start;
    return lap_.shown == BenchLap::Shown::kNobody ? Result<void>{} : packed_(safe.frame().info());
  }

 private:
  std::vector<std::uint8_t> buffer_;
  BenchLap& lap_;
  std::function<Result<void>(const FrameInfo&)> packed_;
};

}  // namespace

std::unique_ptr<Segmenter> measured(std::unique_ptr<Segmenter> segmenter, BenchLap& lap) {
  return std::make_unique<MeasuredSegmenter>(std::move(segmenter), lap);
}

std::unique_ptr<Refiner> measured(std::unique_ptr<Refiner> refiner, BenchLap& lap) {
  return std::make_unique<MeasuredRefiner>(std::move(refiner), lap);
}

std::unique_ptr<Compositor> measured(std::unique_ptr<Compositor> compositor, BenchLap& lap) {
  return std::make_unique<MeasuredCompositor>(std::move(compositor), lap);
}

std::unique_ptr<Sink> make_bench_sink(Size size, BenchLap& lap, std::function<Result<void>(const FrameInfo&)> packed) {
  return std::make_unique<BenchSink>(size, lap, std::move(packed));
}

}  // namespace viba
