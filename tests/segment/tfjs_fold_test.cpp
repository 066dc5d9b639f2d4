#include "segment/tfjs_fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace viba::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tfjs::Arithmetic;
using tfjs::Folded;
using tfjs::Weights;
using Floats = std::vector<float>;
using Integers = std::vector<std::int32_t>;

const Floats& floats(const Folded& folded) {
  static const Floats kNone;
  EXPECT_TRUE(folded) << folded.error();
  return folded ? std::get<Floats>(folded->values) : kNone;
}

const Integers& integers(const Folded& folded) {
  static const Integers kNone;
  EXPECT_TRUE(folded) << folded.error();
  return folded ? std::get<Integers>(folded->values) : kNone;
}

void expect_refused(const Folded& folded, const std::string& why) {
  ASSERT_FALSE(folded);
  EXPECT_THAT(folded.error(), HasSubstr(why));
}

TEST(TfjsFold, SpreadsSidesOfOneWhileItComputes) {
  const Weights column{{2, 1}, Floats{10, 20}};
  const Weights row{{3}, Floats{1, 2, 3}};
  const auto sum = computed(Arithmetic::kAdd, column, row);
  EXPECT_THAT(floats(sum), ElementsAre(11, 12, 13, 21, 22, 23));
  EXPECT_THAT(sum->shape, ElementsAre(2, 3));
  EXPECT_THAT(floats(computed(Arithmetic::kSub, row, column)), ElementsAre(-9, -8, -7, -19, -18, -17));
  EXPECT_THAT(floats(computed(Arithmetic::kMul, Weights{{}, Floats{2}}, row)), ElementsAre(2, 4, 6));
  EXPECT_THAT(floats(computed(Arithmetic::kDiv, row, Weights{{1, 1}, Floats{2}})), ElementsAre(0.5F, 1, 1.5F));
}

TEST(TfjsFold, ComputesWithWholeNumbers) {
  const Weights a{{3}, Integers{7, -7, 4}};
  const Weights b{{3}, Integers{2, 2, -3}};
  EXPECT_THAT(integers(computed(Arithmetic::kAdd, a, b)), ElementsAre(9, -5, 1));
  EXPECT_THAT(integers(computed(Arithmetic::kSub, a, b)), ElementsAre(5, -9, 7));
  EXPECT_THAT(integers(computed(Arithmetic::kMul, a, b)), ElementsAre(14, -14, -12));
  EXPECT_THAT(integers(computed(Arithmetic::kMin, a, b)), ElementsAre(2, -7, -3));
  EXPECT_THAT(integers(computed(Arithmetic::kMax, a, b)), ElementsAre(7, 2, 4));
  EXPECT_THAT(integers(computed(Arithmetic::kFloorMod, a, b)), ElementsAre(1, 1, -2));
  EXPECT_THAT(integers(computed(Arithmetic::kEqual, a, Weights{{}, Integers{4}})), ElementsAre(0, 0, 1));
}

TEST(TfjsFold, TheRestOfADivisionHasTheSignOfTheDivisor) {
  const Weights a{{4}, Floats{7.5F, -7.5F, 7.5F, -6}};
  const Weights b{{4}, Floats{2, 2, -2, 2}};
  EXPECT_THAT(floats(computed(Arithmetic::kFloorMod, a, b)), ElementsAre(1.5F, 0.5F, -0.5F, 0));
  EXPECT_THAT(integers(computed(Arithmetic::kEqual, a, b)), ElementsAre(0, 0, 0, 0));
}

TEST(TfjsFold, WhatHasNoAnswerIsRefused) {
  constexpr auto kLargest = std::numeric_limits<std::int32_t>::max();
  const Weights one{{}, Integers{1}};
  const Weights largest{{}, Integers{kLargest}};
  const Weights smallest{{}, Integers{-kLargest - 1}};
  expect_refused(computed(Arithmetic::kAdd, largest, one), "too large");
  expect_refused(computed(Arithmetic::kSub, smallest, one), "too large");
  expect_refused(computed(Arithmetic::kMul, smallest, smallest), "too large");
  expect_refused(computed(Arithmetic::kFloorMod, one, Weights{{}, Integers{0}}), "zero");
  expect_refused(computed(Arithmetic::kDiv, one, one), "whole numbers");
  expect_refused(computed(Arithmetic::kAdd, one, Weights{{}, Floats{1}}), "types");
  expect_refused(computed(Arithmetic::kAdd, Weights{{2}, Floats{1, 2}}, Weights{{3}, Floats{1, 2, 3}}), "shapes");
  EXPECT_THAT(integers(computed(Arithmetic::kFloorMod, smallest, Weights{{}, Integers{-1}})), ElementsAre(0));
}

TEST(TfjsFold, ConvertsTowardsZero) {
  const Weights numbers{{4}, Floats{2.9F, -2.9F, 0, 270}};
  EXPECT_THAT(integers(converted(numbers, "DT_INT32")), ElementsAre(2, -2, 0, 270));
  EXPECT_THAT(integers(converted(numbers, "DT_BOOL")), ElementsAre(1, 1, 0, 1));
  EXPECT_THAT(floats(converted(Weights{{2}, Integers{3, -4}}, "DT_FLOAT")), ElementsAre(3, -4));
  expect_refused(converted(numbers, "DT_STRING"), "type");
  for (const float odd :
       {3e9F, -3e9F, 2147483648.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
    expect_refused(converted(Weights{{}, Floats{odd}}, "DT_INT32"), "too large");
}

TEST(TfjsFold, CutsOutWithSteps) {
  const Weights whole{{3, 4}, Integers{0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23}};
  EXPECT_EQ(cut_out(whole, {1, 1}, {2, 2}, {1, 1}).values, Weights({}, Integers{11, 12, 21, 22}).values);
  EXPECT_EQ(cut_out(whole, {2, 3}, {2, 2}, {-2, -3}).values, Weights({}, Integers{23, 20, 3, 0}).values);
  EXPECT_EQ(cut_out(Weights{{}, Integers{5}}, {}, {}, {}).values, Weights({}, Integers{5}).values);
}

TEST(TfjsFold, JoinsAlongAnyAxis) {
  const Weights a{{2, 1}, Integers{1, 2}};
  const Weights b{{2, 2}, Integers{3, 4, 5, 6}};
  const std::vector<const Weights*> beside{&a, &b};
  EXPECT_THAT(integers(tfjs::joined(beside, 1)), ElementsAre(1, 3, 4, 2, 5, 6));
  const std::vector<const Weights*> below{&b, &b};
  EXPECT_THAT(integers(tfjs::joined(below, 0)), ElementsAre(3, 4, 5, 6, 3, 4, 5, 6));
  expect_refused(tfjs::joined(beside, 0), "shapes");
  const Weights other{{2, 1}, Floats{1, 2}};
  const std::vector<const Weights*> mixed{&a, &other};
  expect_refused(tfjs::joined(mixed, 1), "types");
}

TEST(TfjsFold, SpreadsOnlyWhatFits) {
  const Weights column{{2, 1}, Integers{1, 2}};
  EXPECT_THAT(integers(spread(column, {2, 3})), ElementsAre(1, 1, 1, 2, 2, 2));
  EXPECT_THAT(integers(spread(column, {2, 2, 2})), ElementsAre(1, 1, 2, 2, 1, 1, 2, 2));
  expect_refused(spread(column, {3, 3}), "shape");
  expect_refused(spread(column, {2}), "shape");
  expect_refused(spread(Weights{{2}, Integers{1, 2}}, {1}), "shape");
}

TEST(TfjsFold, CountsWithoutOverflow) {
  EXPECT_EQ(tfjs::count_of({}), 1);
  EXPECT_EQ(tfjs::count_of({2, 3, 4}), 24);
  EXPECT_GE(tfjs::count_of(tfjs::Shape(8, std::numeric_limits<std::int32_t>::max())), std::int64_t{1} << 40);
}

}  // namespace
}  // namespace viba::test
