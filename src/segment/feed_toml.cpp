#include "segment/feed_toml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#include <toml++/toml.h>

namespace viba {
namespace {

constexpr int kLargestSide = 8192;

/// A basic string of TOML.
std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text)
    if (c == '"' || c == '\\')
      result += {'\\', c};
    else if (c >= 0 && c < ' ')
      result += fmt::format("\\u{:04x}", static_cast<int>(c));
    else
      result += c;
  return result + '"';
}

/// Each reader answers whether the value is one that the key takes.
bool read_text(const toml::node& node, std::string& to) {
  const auto text = node.value_exact<std::string>();
  if (text) to = *text;
  return text.has_value();
}

bool read_whole(const toml::node& node, int least, int most, int& to) {
  const auto number = node.value_exact<std::int64_t>();
  if (!number || *number < least || *number > most) return false;
  to = static_cast<int>(*number);
  return true;
}

template <std::size_t N>
bool read_numbers(const toml::node& node, std::array<float, N>& to) {
  const toml::array* list = node.as_array();
  if (list == nullptr || list->size() != N) return false;
  for (std::size_t i = 0; i < N; ++i) {
    const auto number = (*list)[i].value<double>();
    if (!number || !(std::abs(*number) <= 1e6)) return false;
    to[i] = static_cast<float>(*number);
  }
  return true;
}

template <class T>
struct Word {
  std::string_view word;
  T value;
};

constexpr std::array<Word<Layout>, 2> kLayouts{{{"nchw", Layout::kNchw}, {"nhwc", Layout::kNhwc}}};
constexpr std::array<Word<ChannelOrder>, 2> kOrders{{{"rgb", ChannelOrder::kRgb}, {"bgr", ChannelOrder::kBgr}}};
constexpr std::array<Word<Grid>, 2> kGrids{{{"cells", Grid::kCells}, {"corners", Grid::kCorners}}};
constexpr std::array<Word<Activation>, 3> kActivations{
    {{"none", Activation::kNone}, {"sigmoid", Activation::kSigmoid}, {"softmax", Activation::kSoftmax}}};

template <class T, std::size_t N>
bool read_word(const toml::node& node, const std::array<Word<T>, N>& words, T& to) {
  const auto text = node.value_exact<std::string>();
  const auto found = std::ranges::find(words, text.value_or(""), &Word<T>::word);
  if (found == words.end()) return false;
  to = found->value;
  return true;
}

template <class T, std::size_t N>
std::string write_word(const std::array<Word<T>, N>& words, T value) {
  return toml_string(std::ranges::find(words, value, &Word<T>::value)->word);
}

bool read_size(const toml::node& node, std::optional<Size>& to) {
  if (node.value_exact<std::string>() == "frame") {
    to.reset();
    return true;
  }
  const toml::array* sides = node.as_array();
  Size size;
  if (sides == nullptr || sides->size() != 2 || !read_whole((*sides)[0], 1, kLargestSide, size.width) ||
      !read_whole((*sides)[1], 1, kLargestSide, size.height))
    return false;
  to = size;
  return true;
}

bool read_states(const toml::node& node, std::vector<StateFeed>& to) {
  constexpr std::size_t kMostStates = 64;
  const toml::array* list = node.as_array();
  if (list == nullptr || list->size() > kMostStates) return false;
  std::vector<StateFeed> states;
  for (const auto& entry : *list) {
    const toml::array* pair = entry.as_array();
    StateFeed state;
    if (pair == nullptr || pair->size() != 2 || !read_text((*pair)[0], state.input) ||
        !read_text((*pair)[1], state.output))
      return false;
    states.push_back(std::move(state));
  }
  to = std::move(states);
  return true;
}

std::string write_states(const std::vector<StateFeed>& states) {
  std::vector<std::string> pairs;
  pairs.reserve(states.size());
  for (const auto& [input, output] : states)
    pairs.push_back(fmt::format("[{}, {}]", toml_string(input), toml_string(output)));
  return fmt::format("[{}]", fmt::join(pairs, ", "));
}

struct Key {
  std::string_view table, name;
  std::string_view help;
  std::string_view takes;
  bool (*read)(const toml::node& node, Feed& feed);
  std::string (*write)(const Feed& feed);

  [[nodiscard]] std::string full() const { return fmt::format("{}.{}", table, name); }
};

using Node = const toml::node&;

constexpr Key kKeys[] = {
    {"input", "tensor", "the input that takes the picture", "a name in quotes",
     [](Node n, Feed& f) { return read_text(n, f.input.tensor); },
     [](const Feed& f) { return toml_string(f.input.tensor); }},
    {"input", "layout", "its order of axes; only looked at for .onnx files", "\"nchw\" or \"nhwc\"",
     [](Node n, Feed& f) { return read_word(n, kLayouts, f.input.layout); },
     [](const Feed& f) { return write_word(kLayouts, f.input.layout); }},
    {"input", "size", "width and height, to which frames are stretched, or \"frame\": their own",
     "[WIDTH, HEIGHT] or \"frame\"", [](Node n, Feed& f) { return read_size(n, f.input.size); },
     [](const Feed& f) {
       return f.input.size ? fmt::format("[{}, {}]", f.input.size->width, f.input.size->height) : toml_string("frame");
     }},
    {"input", "multiple", "with size = \"frame\": both sides are rounded down to a multiple of this ...",
     "a whole number from 1 to 1024", [](Node n, Feed& f) { return read_whole(n, 1, 1024, f.input.multiple); },
     [](const Feed& f) { return fmt::format("{}", f.input.multiple); }},
    {"input", "plus", "... plus this", "a whole number from 0 to 1024",
     [](Node n, Feed& f) { return read_whole(n, 0, 1024, f.input.plus); },
     [](const Feed& f) { return fmt::format("{}", f.input.plus); }},
    {"input", "max_pixels", "with size = \"frame\": larger frames are shrunk to about so many pixels; 0: never",
     "a whole number from 0 to 67108864", [](Node n, Feed& f) { return read_whole(n, 0, 1 << 26, f.input.max_pixels); },
     [](const Feed& f) { return fmt::format("{}", f.input.max_pixels); }},
    {"input", "channels", "the order of colours", "\"rgb\" or \"bgr\"",
     [](Node n, Feed& f) { return read_word(n, kOrders, f.input.channels); },
     [](const Feed& f) { return write_word(kOrders, f.input.channels); }},
    {"input", "range", "what black and white become", "[BLACK, WHITE], as in [0.0, 1.0]",
     [](Node n, Feed& f) { return read_numbers(n, f.input.range) && f.input.range[0] != f.input.range[1]; },
     [](const Feed& f) { return fmt::format("[{}]", fmt::join(f.input.range, ", ")); }},
    {"input", "mean", "taken off each channel after that ...", "[R, G, B]",
     [](Node n, Feed& f) { return read_numbers(n, f.input.mean); },
     [](const Feed& f) { return fmt::format("[{}]", fmt::join(f.input.mean, ", ")); }},
    {"input", "std", "... and what the rest is divided by", "[R, G, B], none of them 0",
     [](Node n, Feed& f) {
       return read_numbers(n, f.input.std) && std::ranges::find(f.input.std, 0.0F) == f.input.std.end();
     },
     [](const Feed& f) { return fmt::format("[{}]", fmt::join(f.input.std, ", ")); }},
    {"output", "tensor", "the output that tells where the person is", "a name in quotes",
     [](Node n, Feed& f) { return read_text(n, f.output.tensor); },
     [](const Feed& f) { return toml_string(f.output.tensor); }},
    {"output", "layout", "its order of axes, as for the input", "\"nchw\" or \"nhwc\"",
     [](Node n, Feed& f) { return read_word(n, kLayouts, f.output.layout); },
     [](const Feed& f) { return write_word(kLayouts, f.output.layout); }},
    {"output", "channel", "which of its channels, from 0", "a whole number from 0 to 4095",
     [](Node n, Feed& f) { return read_whole(n, 0, 4095, f.output.channel); },
     [](const Feed& f) { return fmt::format("{}", f.output.channel); }},
    {"output", "invert", "true when that channel tells of the background", "true or false",
     [](Node n, Feed& f) {
       if (const auto value = n.value_exact<bool>()) f.output.invert = *value;
       return n.is_boolean();
     },
     [](const Feed& f) { return std::string(f.output.invert ? "true" : "false"); }},
    {"output", "activation", "what makes probabilities of its numbers; \"none\" when they are such",
     "\"none\", \"sigmoid\" or \"softmax\"",
     [](Node n, Feed& f) { return read_word(n, kActivations, f.output.activation); },
     [](const Feed& f) { return write_word(kActivations, f.output.activation); }},
    {"output", "grid", "\"cells\" share the picture evenly; of \"corners\" the outer ones lie on its edges (BodyPix)",
     "\"cells\" or \"corners\"", [](Node n, Feed& f) { return read_word(n, kGrids, f.output.grid); },
     [](const Feed& f) { return write_word(kGrids, f.output.grid); }},
    {"output", "threshold", "the confidence at which a pixel is half person", "a number from 0 to 1",
     [](Node n, Feed& f) {
       const auto value = n.value<double>();
       if (!value || !(*value >= 0 && *value <= 1)) return false;
       f.output.threshold = *value;
       return true;
     },
     [](const Feed& f) { return fmt::format("{}", f.output.threshold); }},
    {"recurrent", "states", "pairs of input and output: what the network remembers from frame to frame",
     "a list of pairs, as in [[\"r1i\", \"r1o\"]]", [](Node n, Feed& f) { return read_states(n, f.states); },
     [](const Feed& f) { return write_states(f.states); }},
    {"recurrent", "downsample_ratio", "the input that is told how much smaller to work inside; \"\" when there is none",
     "a name in quotes", [](Node n, Feed& f) { return read_text(n, f.downsample_ratio); },
     [](const Feed& f) { return toml_string(f.downsample_ratio); }},
};

tl::unexpected<Error> wrong(const std::string& file, std::string_view what) {
  return fail(ErrorCode::kBadData, fmt::format("The description {} cannot be used: {}.", file, what));
}

/// What a stranger's file calls its key may be anything.
std::string printable_key(std::string_view name) {
  std::string text(name.substr(0, 60));
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

Result<void> apply(const std::string& name, Node node, const std::string& file, Feed& feed) {
  const auto* key = std::ranges::find(kKeys, name, &Key::full);
  if (key == std::end(kKeys))
    return wrong(
        file, fmt::format("there is no {} in such a file; see what viba models describe writes", printable_key(name)));
  if (!key->read(node, feed)) return wrong(file, fmt::format("{} takes {}", name, key->takes));
  return {};
}

}  // namespace

std::string feed_file_of(const std::string& model) { return model + ".toml"; }

std::string_view values_of(std::string_view key) {
  const auto* found = std::ranges::find(kKeys, key, &Key::full);
  return found == std::end(kKeys) ? std::string_view() : found->takes;
}

Result<std::set<std::string>> apply_toml(std::string_view text, const std::string& file, Feed& feed) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed)
    return wrong(
        file, fmt::format("line {} is no TOML ({})", parsed.error().source().begin.line, parsed.error().description()));
  std::set<std::string> stated;
  for (const auto& [table, content] : parsed.table()) {
    const toml::table* keys = content.as_table();
    if (keys == nullptr) return wrong(file, fmt::format("{} stands outside of a table", printable_key(table.str())));
    for (const auto& [name, node] : *keys) {
      const std::string full = fmt::format("{}.{}", table.str(), name.str());
      if (auto done = apply(full, node, file, feed); !done) return tl::unexpected(std::move(done).error());
      stated.insert(full);
    }
  }
  return stated;
}

std::string toml_of(const Feed& feed, const std::set<std::string>& doubts) {
  std::string text;
  std::string_view table;
  for (const Key& key : kKeys) {
    if (key.table != table) text += fmt::format("\n[{}]\n", key.table);
    table = key.table;
    const bool guess = doubts.contains(key.full());
    text += fmt::format("{}{} = {}  # {}\n", guess ? "# A guess, please check:\n" : "", key.name, key.write(feed),
                        key.help);
  }
  return text;
}

}  // namespace viba
