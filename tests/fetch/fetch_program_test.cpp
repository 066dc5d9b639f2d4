// `viba models` as a user meets it.

#include <pty.h>
#include <sys/wait.h>

#include <array>
#include <csignal>

#include "device/child_process.h"
#include "fetch/fetching.h"
#include "support/program.h"

namespace viba::test {
namespace {

using testing::HasSubstr;

class FetchProgram : public Fetching {
 protected:
  void SetUp() override {
    Fetching::SetUp();
    options.model_dir = folder / "data/viba/models";
  }

  [[nodiscard]] Outcome run(const std::string& arguments, const std::string& variables = "") const {
    return run_shell("env XDG_DATA_HOME='" + folder / "data" + "' " + variables + " " +
                     VIBA_BINARY_DIR "/viba models " + arguments);
  }
};

TEST_F(FetchProgram, TheRealFilesComeInTwoGoes) {
  const std::string original = VIBA_SHARED_DIR "/data/bodypix/mobilenet-float-050";
  if (!std::filesystem::exists(original)) GTEST_SKIP() << "there is no " << original;
  HttpServer real(original);
  const std::string name = "bodypix-mobilenet-050-stride16-quant4";
  const auto fetch = "fetch " + name + " --from " + real.url();
  const std::string shard = "group1-shard1of1.bin";

  real.treat(shard, {.cut_after = 1'000'000});
  auto outcome = run(fetch);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("what has come is kept"));
  real.treat(shard, {});
  outcome = run(fetch);
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_EQ(real.ranges_of(shard), (std::vector<std::string>{"", "bytes=1000000-"}));
  const auto same_as_original = [&] {
    for (const auto& file : {std::string(kMain), shard})
      EXPECT_TRUE(content_of(models() / name / file) == content_of(original + "/" + file)) << file;
  };
  same_as_original();

  real.treat(shard, {.wrong_byte_at = 2'000'000});
  outcome = run(fetch);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, HasSubstr(shard + " is damaged"));
  same_as_original();
}

TEST_F(FetchProgram, ControlCEndsInGoodOrderAndTheNextCallGoesOn) {
  server.treat("b.bin", {.hold_after = 30'000});
  device_test::ChildProcess viba({"env", "XDG_DATA_HOME=" + folder / "data", VIBA_BINARY_DIR "/viba", "models", "fetch",
                                  kName, "--from", server.url()},
                                 folder / "log");
  server.wait_until_held();
  kill(viba.pid(), SIGINT);
  EXPECT_EQ(viba.status(), 1);
  server.release();
  EXPECT_THAT(content_of(folder / "log"), HasSubstr("the next call goes on from there"));
  server.treat("b.bin", {});
  const auto outcome = run(std::string("fetch mobilenet_quant4_100_stride16 --from ") + server.url());
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  expect_installed();
}

TEST_F(FetchProgram, ATerminalGetsABar) {
  const auto data = "XDG_DATA_HOME=" + folder / "data";
  const auto from = served.string();
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  ASSERT_GE(child, 0);
  if (child == 0) {
    execlp("env", "env", data.c_str(), VIBA_BINARY_DIR "/viba", "models", "fetch", kName, "--from", from.c_str(),
           nullptr);
    _exit(127);
  }
  std::string output;
  std::array<char, 4096> block{};
  for (ssize_t count = 0; (count = read(terminal, block.data(), block.size())) > 0;)
    output.append(block.data(), static_cast<std::size_t>(count));
  waitpid(child, nullptr, 0);
  close(terminal);
  EXPECT_THAT(output, HasSubstr("[########################] 100 %  0.2 of 0.2 MB  b.bin"));
  EXPECT_THAT(output, HasSubstr("is installed: "));
}

TEST_F(FetchProgram, TheListFitsATerminal) {
  const auto outcome = run("");
  EXPECT_EQ(outcome.status, 0);
  std::istringstream lines(outcome.output);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 120U) << line;
  EXPECT_GT(count, 27);
  for (const auto* words : {"selfie-landscape", "also: mobilenet_quant4_075_stride16", "GPL-3.0", "256x144", "~95.7"})
    EXPECT_THAT(outcome.output, HasSubstr(words));
}

TEST_F(FetchProgram, HelpAndWrongUsage) {
  EXPECT_THAT(run("--help").output, HasSubstr("viba models fetch NAME"));
  EXPECT_THAT(run("fetch --help").output, HasSubstr("--from URL|FOLDER"));
  for (const auto* arguments : {"fetch", "fetch selfi", "fech selfie", "fetch selfie --from"}) {
    const auto outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2) << outcome.output;
    EXPECT_EQ(std::ranges::count(outcome.output, '\n'), 1) << outcome.output;
  }
}

TEST_F(FetchProgram, WhatIsBundledSaysWhereItIs) {
  const auto outcome = run("fetch selfie");
  if (outcome.status != 0) GTEST_SKIP() << "there is no model here";
  EXPECT_THAT(outcome.output, HasSubstr("selfie is installed: "));
}

TEST_F(FetchProgram, ProxiesOfTheEnvironmentAreAskedAndBlamed) {
  const auto fetch = "fetch " + std::string(kName) + " --from http://nobody.invalid/";
  const auto through = [&](const std::string& proxy) { return run(fetch, "http_proxy=" + proxy); };
  auto outcome = through(server.url());
  EXPECT_THAT(outcome.output, HasSubstr("There is no http://nobody.invalid/model-stride16.json"))
      << "the server has its own";
  EXPECT_EQ(server.requests().back().path, "http://nobody.invalid/model-stride16.json");
  server.treat(kMain, {.status = 407});
  outcome = through(server.url());
  EXPECT_THAT(outcome.output, HasSubstr("the proxy asks for a name and a password"));
  outcome = through("http://proxy.invalid:1/");
  EXPECT_THAT(outcome.output, HasSubstr("because the proxy could not be found"));
}

}  // namespace
}  // namespace viba::test
