#include "doctor_command.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace viba::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

std::vector<Check> some_checks() {
  return {{"a", "First", CheckState::kGood, "it is well.", "", {}},
          {"b",
           "Second",
           CheckState::kFailed,
           "it is not.",
           "Do this, and then wait until it has been done, which will take some of your time and of the machine's too.",
           {"sudo first --a-long-option=with-a-long-value --another-long-option=with-another-long-value --and-one-more",
            "sudo second"}},
          {"c", "Third", CheckState::kWarning, "it is half well.", "", {}},
          {"d", "Fourth", CheckState::kNotApplicable, "there is none.", "", {}},
          {"e", "Fifth", CheckState::kInformation, "by the way.", "", {}}};
}

TEST(DoctorForPeople, OneLineACheckTheRemedyBelowAndASummary) {
  EXPECT_EQ(checks_for_people(some_checks(), false),
            "ok       First: it is well.\n"
            "FAILED   Second: it is not.\n"
            "         Do this, and then wait until it has been done, which will take some of your time and of\n"
            "         the machine's too.\n"
            "           sudo first --a-long-option=with-a-long-value --another-long-option=with-another-long-value "
            "--and-one-more\n"
            "           sudo second\n"
            "warning  Third: it is half well.\n"
            "-        Fourth: there is none.\n"
            "info     Fifth: by the way.\n"
            "\n"
            "Call programs will not see you yet: 1 thing to put right.\n");
}

TEST(DoctorForPeople, WarningsDoNotHide) {
  auto checks = some_checks();
  checks.erase(checks.begin() + 1);
  EXPECT_THAT(checks_for_people(checks, false),
              testing::EndsWith("\nCall programs will see the camera while viba runs; 1 warning.\n"));
}

TEST(DoctorForPeople, ColorsOnlyWhenAskedFor) {
  EXPECT_THAT(checks_for_people(some_checks(), false), Not(HasSubstr("\033")));
  EXPECT_THAT(checks_for_people(some_checks(), true), HasSubstr("\033[1;31mFAILED   \033[0mSecond"));
}

TEST(DoctorAsJson, HoldsEverything) {
  const json all = json::parse(checks_as_json(some_checks()));
  EXPECT_EQ(all["camera_would_be_seen"], false);
  ASSERT_EQ(all["checks"].size(), 5U);
  EXPECT_EQ(all["checks"][0]["state"], "ok");
  EXPECT_EQ(all["checks"][1]["state"], "failed");
  EXPECT_EQ(all["checks"][1]["commands"][1], "sudo second");
  EXPECT_EQ(all["checks"][3]["state"], "not applicable");
  EXPECT_EQ(json::parse(checks_as_json({}))["camera_would_be_seen"], true);
}

TEST(CommandsToCopy, AreQuotedWhereAShellWouldTearThem) {
  EXPECT_EQ(quoted_for_shell("/usr/local/bin/viba-1.0_x"), "/usr/local/bin/viba-1.0_x");
  EXPECT_EQ(quoted_for_shell("/home/ann/My programs/viba"), "'/home/ann/My programs/viba'");
  EXPECT_EQ(quoted_for_shell("/home/ann/it's $HOME/viba"), "'/home/ann/it'\\''s $HOME/viba'");
  EXPECT_EQ(quoted_for_shell(""), "''");
}

}  // namespace
}  // namespace viba::app
