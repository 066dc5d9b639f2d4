// What `viba devices` and `viba doctor` say of the machine that the tests run on, whatever that has.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/program.h"

namespace viba {
namespace {

using namespace test;
using nlohmann::json;
using testing::HasSubstr;

TEST(DevicesProgram, WritesAParagraphADeviceOrSaysThatThereIsNone) {
  const auto people = run_viba("devices");
  EXPECT_EQ(people.status, 0) << people.output;
  const auto programs = run_viba("devices --json");
  EXPECT_EQ(programs.status, 0) << programs.output;
  const json devices = json::parse(programs.output).at("devices");
  ASSERT_TRUE(devices.is_array());
  if (devices.empty()) {
    EXPECT_THAT(people.output, HasSubstr("no camera"));
  }
  for (const auto& device : devices) EXPECT_THAT(people.output, HasSubstr(device.at("path").get<std::string>()));
}

TEST(DevicesProgram, WrongUsageEndsWithTwo) {
  const auto outcome = run_viba("devices --wrong");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.output, HasSubstr("viba devices --help"));
}

TEST(DevicesProgram, AFullDiskIsSaid) { EXPECT_EQ(run_viba("devices --json > /dev/full").status, 1); }

TEST(DoctorProgram, EndsWithZeroOnlyWhenTheCameraWouldBeSeen) {
  const auto programs = run_viba("doctor --json 2>/dev/null");
  const json all = json::parse(programs.output);
  const bool failed = std::ranges::any_of(all["checks"], [](const json& check) { return check["state"] == "failed"; });
  EXPECT_EQ(programs.status, failed ? 1 : 0) << programs.output;
  EXPECT_EQ(all["camera_would_be_seen"], !failed);
  const auto people = run_viba("doctor");
  EXPECT_EQ(people.status, programs.status);
  EXPECT_THAT(people.output, HasSubstr("\n\nCall programs will "));
  EXPECT_THAT(people.output, testing::Not(HasSubstr("\033"))) << "a pipe is no terminal";
  for (const auto& check : all["checks"])
    for (const auto& command : check["commands"]) EXPECT_THAT(people.output, HasSubstr(command.get<std::string>()));
}

TEST(DoctorProgram, TellsOfARuntimeThatIsNotThere) {
  const auto outcome = run_viba("doctor --ort-library /nowhere.so");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("FAILED   ONNX Runtime: --ort-library /nowhere.so: there is no such file."));
}

TEST(DoctorProgram, WrongUsageEndsWithTwo) {
  EXPECT_EQ(run_viba("doctor --yes").status, 2);
  EXPECT_EQ(run_viba("doctor --fake-cam-device null").status, 2);
}

}  // namespace
}  // namespace viba
