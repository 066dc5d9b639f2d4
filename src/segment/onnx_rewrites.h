#pragma once

/// Changes of a graph that leave what it computes as it is (up to rounding) and make it faster on
/// ONNX Runtime's CPU kernels. They go by pattern, whatever the file the graph came from, and need
/// the shapes of values to stand in it.
namespace viba::onnx {

class Graph;

/// A bilinear enlargement and then a 1x1 convolution give the same as the convolution and then the
/// enlargement, because the weights of each sum to one for each pixel; but the convolution then runs
/// on the small picture. Done where that does not make the enlargement dearer.
/// Gives how many places were changed.
int swap_resize_and_conv(Graph& graph);

/// Multiplying a picture by one number a channel takes ONNX Runtime out of its blocked layout and
/// back. Enlarging the numbers to the picture's size first, by nearest neighbour, keeps it inside.
/// Gives how many places were changed.
int expand_channel_scales(Graph& graph);

/// Clip(x + 3, 0, 6) / 6 is HardSigmoid(x), which is one pass over memory instead of three. So also
/// where the division, or the product with 1/6, comes behind or before a product with something else:
/// the hard swish x * Clip(x + 3, 0, 6) / 6 becomes x * HardSigmoid(x).
/// Gives how many places were changed.
int use_hard_sigmoid(Graph& graph);

/// All of them, in the order that serves best. Gives how many places were changed.
int rewrite(Graph& graph);

/// Takes out what no output needs: nodes (all of them have one output), constants and notes on shapes.
void drop_unused(Graph& graph);

}  // namespace viba::onnx
