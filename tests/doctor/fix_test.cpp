// `viba doctor --fix`, on machines of files.

#include "doctor/fix.h"

#include <gmock/gmock.h>

#include "doctor/machine.h"
#include "doctor/run_program.h"

namespace viba {
namespace {

using test::Machine;
using test::made_device;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

const std::string kOptions = "/etc/modprobe.d/viba.conf";
const std::string kOptionsText = "options v4l2loopback video_nr=20 card_label=\"ViBa\" exclusive_caps=1\n";
const std::string kLoad = "/etc/modules-load.d/viba.conf";

class Fix : public testing::Test {
 protected:
  Fix() { machine.system.user.id = 0; }

  std::vector<FixStep> plan() {
    auto steps = plan_fix(machine.system, {});
    EXPECT_TRUE(steps) << steps.error().message;
    return steps.value_or(std::vector<FixStep>{});
  }
  /// What a step will do; empty when there is none.
  std::string first_step() {
    const auto steps = plan();
    return steps.empty() ? "" : steps.front().what;
  }
  std::string last_step() {
    const auto steps = plan();
    return steps.empty() ? "" : steps.back().what;
  }
  void apply_all() {
    for (const auto& step : plan()) {
      const auto done = step.apply();
      EXPECT_TRUE(done) << step.what << ": " << done.error().message;
    }
  }

  Machine machine;
};

TEST_F(Fix, WritesBothFilesAndLoadsTheModule) {
  machine.unload();
  const auto steps = plan();
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].what, "write " + kOptions + ": " + kOptionsText.substr(0, kOptionsText.size() - 1));
  EXPECT_EQ(steps[1].what, "write " + kLoad + ": v4l2loopback");
  EXPECT_THAT(steps[2].what, HasSubstr("modprobe v4l2loopback"));
  EXPECT_THAT(machine.read(kOptions), IsEmpty()) << "planning changes nothing";
  apply_all();
  EXPECT_EQ(machine.read(kOptions), kOptionsText);
  EXPECT_EQ(machine.read(kLoad), "v4l2loopback\n");
  EXPECT_THAT(machine.ran, ElementsAre(ElementsAre("modprobe", "v4l2loopback", "video_nr=20", "card_label=ViBa",
                                                   "exclusive_caps=1")));
  EXPECT_EQ(fs::status(machine.system.at(kOptions)).permissions(), fs::perms(0644));
}

TEST_F(Fix, MakesTheFoldersThatAreMissing) {
  machine.remove("/etc/modprobe.d");
  machine.remove("/etc/modules-load.d");
  apply_all();
  EXPECT_EQ(machine.read(kOptions), kOptionsText);
  EXPECT_EQ(machine.read(kLoad), "v4l2loopback\n");
}

TEST_F(Fix, KeepsWhatWasInTheFiles) {
  machine.write(kOptions, "options v4l2loopback devices=3\n");
  machine.write(kOptions + ".saved", "older\n");
  EXPECT_THAT(first_step(), HasSubstr("is kept as"));
  apply_all();
  EXPECT_EQ(machine.read(kOptions), kOptionsText);
  EXPECT_EQ(machine.read(kOptions + ".saved"), "older\n");
  EXPECT_EQ(machine.read(kOptions + ".saved-2"), "options v4l2loopback devices=3\n");
}

TEST_F(Fix, DoesNothingTwice) {
  apply_all();
  EXPECT_THAT(plan(), IsEmpty());
}

TEST_F(Fix, WarnsOfOptionsInOtherFiles) {
  std::vector<std::string> said;
  const Log log([&](LogLevel, std::string_view text) { said.emplace_back(text); }, LogLevel::kInfo);
  ASSERT_TRUE(plan_fix(machine.system, log));
  EXPECT_THAT(said, ElementsAre(HasSubstr("/etc/modprobe.d/any.conf has options of v4l2loopback, too")));
}

TEST_F(Fix, LeavesAFileAsItWasWhenItCannotBeWritten) {
  machine.write(kOptions, "mine\n");
  const auto steps = plan();
  ASSERT_FALSE(steps.empty());
  fs::create_directories(machine.system.at("/elsewhere"));
  fs::rename(machine.system.at("/etc/modprobe.d"), machine.system.at("/elsewhere/modprobe.d"));
  machine.write("/etc/modprobe.d", "no folder");
  const auto done = steps.front().apply();
  ASSERT_FALSE(done);
  EXPECT_EQ(machine.read("/elsewhere/modprobe.d/viba.conf"), "mine\n");
}

TEST_F(Fix, TakesANumberThatIsFree) {
  machine.unload();
  machine.devices.push_back(made_device(DeviceKind::kCamera, "/dev/video20", "Capture card"));
  apply_all();
  ASSERT_EQ(machine.ran.size(), 1U);
  EXPECT_EQ(machine.ran[0][2], "video_nr=21");
}

TEST_F(Fix, AddsADeviceToANewModuleThatIsInUse) {
  machine.loopback().loopback->fed = true;
  machine.loopback().holders = {{"obs", 5}};
  EXPECT_THAT(last_step(), HasSubstr("add /dev/video21"));
  apply_all();
  EXPECT_THAT(machine.added, ElementsAre("ViBa 21"));
  EXPECT_THAT(machine.ran, IsEmpty());
}

TEST_F(Fix, LoadsAnOldModuleAnewWhenNobodyUsesIt) {
  machine.make_old();
  machine.loopback().loopback->exclusive_caps = false;
  apply_all();
  EXPECT_THAT(machine.ran, ElementsAre(ElementsAre("modprobe", "-r", "v4l2loopback"),
                                       ElementsAre("modprobe", "v4l2loopback", "video_nr=20", "card_label=ViBa",
                                                   "exclusive_caps=1")));
  EXPECT_THAT(machine.added, IsEmpty());
}

TEST_F(Fix, NamesWhoUsesAnOldModule) {
  machine.make_old();
  machine.loopback().loopback->exclusive_caps = false;
  machine.loopback().holders = {{"cheese", 5}, {"obs", 6}};
  const auto steps = plan_fix(machine.system, {});
  ASSERT_FALSE(steps);
  EXPECT_EQ(steps.error().code, ErrorCode::kBusy);
  EXPECT_THAT(steps.error().message, HasSubstr("cheese (pid 5), obs (pid 6) use its devices"));
}

TEST_F(Fix, NeedsRoot) {
  machine.system.user.id = 1000;
  const auto steps = plan_fix(machine.system, {});
  ASSERT_FALSE(steps);
  EXPECT_EQ(steps.error().code, ErrorCode::kPermission);
  EXPECT_THAT(steps.error().message, HasSubstr("`sudo viba doctor --fix`"));
}

TEST_F(Fix, SaysWhatHasToBeInstalledFirst) {
  machine.unload();
  machine.remove("/usr/src");
  machine.remove(machine.modules() + "/updates");
  const auto steps = plan_fix(machine.system, {});
  ASSERT_FALSE(steps);
  EXPECT_EQ(steps.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(steps.error().message, HasSubstr("sudo apt install v4l2loopback-dkms"));
  EXPECT_THAT(machine.read(kOptions), IsEmpty());
}

TEST(RunProgram, GivesTheLastLineOfAFailure) {
  EXPECT_TRUE(run_program({"/bin/sh", "-c", "exit 0"}));
  const auto failed = run_program({"sh", "-c", "echo first; echo last >&2; exit 3"});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, AllOf(HasSubstr("failed: last"), testing::Not(HasSubstr("first\n"))));
  EXPECT_EQ(run_program({"viba-no-such-program"}).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(run_program({"/no/such/program"}));
}

}  // namespace
}  // namespace viba
