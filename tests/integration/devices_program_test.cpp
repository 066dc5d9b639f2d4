// What `viba devices` says of the machine that the tests run on, whatever that has.

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

}  // namespace
}  // namespace viba
