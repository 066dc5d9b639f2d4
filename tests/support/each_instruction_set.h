#pragma once

#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace viba::test {

/// Its parameter is one instruction set, the only one that kernels may use meanwhile.
class EachInstructionSet : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { allow(GetParam()); }
  void TearDown() override { allow(0); }

 private:
  static void allow(std::int64_t targets) {
    hwy::SetSupportedTargetsForTest(targets);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

inline std::string name_of_instruction_set(const testing::TestParamInfo<std::int64_t>& set) {
  return hwy::TargetName(set.param);
}

}  // namespace viba::test

/// All that this machine has.
#define VIBA_FOR_EACH_INSTRUCTION_SET(Suite)                                                \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::ValuesIn(hwy::SupportedAndGeneratedTargets()), \
                           viba::test::name_of_instruction_set)
