// What comes from a server or a folder ends up as it was there, whatever came between.

#include <future>

#include "base/download.h"
#include "base/file_hash.h"
#include "fetch/fetching.h"
#include "segment/model_store.h"

namespace viba::test {
namespace {

using testing::HasSubstr;
using Strings = std::vector<std::string>;

TEST_F(Fetching, AWholeModelComes) {
  std::vector<FetchState> states;
  progress = [&](const FetchState& state) { states.push_back(state); };
  const auto file = fetch();
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(*file, (installed() / kMain).string());
  expect_installed();
  EXPECT_EQ(server.ranges_of("b.bin"), Strings{""});
  const auto total = kFirstShard + kSecondShard + content_of(served / kMain).size();
  EXPECT_EQ(states.back().received, total);
  EXPECT_EQ(states.back().total, total);
  EXPECT_TRUE(std::ranges::is_sorted(states, {}, &FetchState::received));
}

TEST_F(Fetching, AnInterruptedFetchGoesOnWhereItEnded) {
  server.treat("b.bin", {.cut_after = 50'000});
  const Error error = fetch_error();
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_THAT(error.message, HasSubstr("b.bin"));
  EXPECT_FALSE(std::filesystem::exists(installed()));
  EXPECT_EQ(content_of(staging() / "b.bin.part").size(), 50'000U);
  server.treat("b.bin", {});
  ASSERT_TRUE(fetch());
  expect_installed();
  EXPECT_EQ(server.ranges_of("b.bin"), (Strings{"", "bytes=50000-"}));
  EXPECT_EQ(server.ranges_of("a.bin"), Strings{""}) << "what was whole is not fetched again";
}

TEST_F(Fetching, AServerWithoutRangesSendsAllOfItAgain) {
  server.treat("b.bin", {.cut_after = 50'000, .ignores_ranges = true});
  ASSERT_FALSE(fetch());
  server.treat("b.bin", {.ignores_ranges = true});
  ASSERT_TRUE(fetch());
  expect_installed();
  EXPECT_EQ(server.ranges_of("b.bin"), (Strings{"", "bytes=50000-"}));
}

TEST_F(Fetching, AServerThatDoesNotSayHowLongAFileIsServes) {
  for (const auto* name : {"a.bin", "b.bin", kMain}) server.treat(name, {.hides_length = true});
  ASSERT_TRUE(fetch());
  expect_installed();
}

TEST_F(Fetching, AStopInTheMiddleIsTakenUpByTheNextCall) {
  std::stop_source stop;
  progress = [&](const FetchState& state) {
    if (state.file == "b.bin") stop.request_stop();
  };
  server.treat("b.bin", {.hold_after = 30'000});
  const auto stopped = fetch(server.url(), stop.get_token());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kClosed);
  EXPECT_THAT(stopped.error().message, HasSubstr("goes on from there"));
  server.release();
  const auto had = content_of(staging() / "b.bin.part").size();
  ASSERT_GT(had, 0U);
  server.treat("b.bin", {});
  ASSERT_TRUE(fetch());
  expect_installed();
  EXPECT_EQ(server.ranges_of("b.bin").back(), fmt::format("bytes={}-", had));
}

TEST_F(Fetching, ANewOneTakesTheOldOnesPlace) {
  ASSERT_TRUE(fetch());
  write_file(installed() / "old.bin", "of another version");
  serve_model(7);
  ASSERT_TRUE(fetch());
  expect_installed();
}

TEST_F(Fetching, AFolderServesAsWell) {
  for (const auto& from : {served.string(), "file://" + served.string()}) {
    const auto file = fetch(from);
    ASSERT_TRUE(file) << file.error().message;
    expect_installed();
    std::filesystem::remove_all(installed());
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Fetching, WhatAnotherSourceBeganIsNotTakenUp) {
  server.treat("b.bin", {.cut_after = 50'000});
  ASSERT_FALSE(fetch());
  serve_model(7);
  ASSERT_TRUE(fetch(served.string()));
  expect_installed();
}

TEST_F(Fetching, TwoAtOnceFetchOnceAndDoNotDisturbOneAnother) {
  server.treat("b.bin", {.hold_after = 30'000});
  auto first = std::async(std::launch::async, [this] { return fetch(); });
  server.wait_until_held();
  const Log release_when_waiting([this](LogLevel, std::string_view text) {
    if (text.find("waiting") != std::string_view::npos) server.release();
  });
  const auto second = fetch_model(kName, server.url(), options, {}, release_when_waiting, {});
  ASSERT_TRUE(first.get());
  ASSERT_TRUE(second) << second.error().message;
  expect_installed();
  EXPECT_EQ(server.ranges_of("b.bin"), Strings{""});
}

TEST_F(Fetching, FirstUseFetchesOnceAndSaysSo) {
  ModelInfo model = *find_model(kName);
  model.source = server.url() + kMain;
  Strings said;
  const Log log([&](LogLevel, std::string_view text) { said.emplace_back(text); });
  for (int use = 0; use < 2; ++use) {
    const auto file = model_file(model, options, log);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(*file, (installed() / kMain).string());
  }
  expect_installed();
  EXPECT_EQ(server.requests().size(), 3U);
  const auto first =
      fmt::format("Fetching {} (0.2 MB) from {} into {}; this is done once.", kName, server.url(), options.model_dir);
  EXPECT_EQ(said.front(), first);
}

TEST_F(Fetching, WithoutAFolderForModelsNothingIsFetched) {
  const auto file = model_file(*find_model(kName), {}, {});
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(file.error().message, HasSubstr(std::string("viba models fetch ") + kName));
  expect_sentence(file.error());
}

TEST_F(Fetching, TheListTellsWhatIsInstalled) {
  const auto row = [this] {
    const auto all = list_models(options);
    return *std::ranges::find(all, kName, &ModelListing::name);
  };
  EXPECT_EQ(row().installed, "");
  EXPECT_EQ(row().aliases, Strings{"mobilenet_quant4_100_stride16"});
  const auto file = fetch();
  ASSERT_TRUE(file);
  EXPECT_EQ(row().installed, *file);
  EXPECT_EQ(row().bytes, kFirstShard + kSecondShard + content_of(served / kMain).size());
}

/// As storage.googleapis.com says it.
std::string hash_header(const std::filesystem::path& file) {
  const auto hex = hash_of_file(file.string(), HashAlgorithm::kMd5).value_or("");
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return fmt::format("x-goog-hash: crc32c=AAAAAA==\r\nX-Goog-Hash: md5={}\r\n", base64(bytes));
}

TEST_F(Fetching, TheServersChecksumIsHeeded) {
  const auto header = hash_header(served / "b.bin");
  server.treat("b.bin", {.wrong_byte_at = 77, .header = header});
  const Error error = fetch_error();
  EXPECT_EQ(error.code, ErrorCode::kBadData);
  EXPECT_THAT(error.message, HasSubstr("/b.bin is damaged"));
  EXPECT_FALSE(std::filesystem::exists(staging() / "b.bin"));
  server.treat("b.bin", {.header = header});
  ASSERT_TRUE(fetch());
  expect_installed();
}

TEST_F(Fetching, TheChecksumOfAFileThatIsStoredPackedIsNotThatOfWhatComes) {
  const auto header = hash_header(served / "b.bin") + "x-goog-stored-content-encoding: gzip\r\n";
  server.treat("a.bin", {.header = header});
  ASSERT_TRUE(fetch());
  expect_installed();
}

class Download : public Fetching {
 protected:
  Result<Downloaded> get() {
    return download({.url = server.url() + "a.bin", .path = folder / "got", .most_bytes = kFirstShard});
  }
};

TEST_F(Download, APartThatIsWholeAlreadyOnlyGetsItsName) {
  write_file(folder / "got.part", content_of(served / "a.bin"));
  ASSERT_TRUE(get());
  EXPECT_TRUE(content_of(folder / "got") == content_of(served / "a.bin"));
  EXPECT_EQ(server.ranges_of("a.bin"), Strings{fmt::format("bytes={}-", kFirstShard)});
}

TEST_F(Download, APartThatIsLongerThanTheFileIsStartedOver) {
  write_file(served / "a.bin", "short now");
  write_file(folder / "got.part", std::string(20, 'x'));
  ASSERT_TRUE(get());
  EXPECT_EQ(content_of(folder / "got"), "short now");
  EXPECT_FALSE(std::filesystem::exists(folder / "got.part"));
}

TEST_F(Download, AnEmptyFileIsOne) {
  write_file(served / "a.bin", "");
  ASSERT_TRUE(get());
  EXPECT_TRUE(std::filesystem::exists(folder / "got"));
}

TEST_F(Download, ARedirectIsFollowed) {
  server.treat("a.bin", {.status = 302, .header = "Location: /b.bin\r\n"});
  ASSERT_TRUE(download({.url = server.url() + "a.bin", .path = folder / "got", .most_bytes = kSecondShard}));
  EXPECT_TRUE(content_of(folder / "got") == content_of(served / "b.bin"));
}

}  // namespace
}  // namespace viba::test
