// A small path tracer for the pictures of rooms: boxes, ellipsoids and upright cylinders, lit by
// rectangles and lamps. rooms.py compiles it, feeds it a scene as text and reads raw floats back:
// light and surface colour, three channels each.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr double kPi = 3.14159265358979;

struct Vec {
  double x = 0, y = 0, z = 0;
  double operator[](int axis) const { return axis == 0 ? x : axis == 1 ? y : z; }
};
Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
Vec operator-(Vec a, Vec b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
Vec operator*(Vec a, Vec b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
Vec operator*(Vec a, double s) { return {a.x * s, a.y * s, a.z * s}; }
double dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
Vec cross(Vec a, Vec b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
Vec unit(Vec a) { return a * (1 / std::sqrt(dot(a, a) + 1e-18)); }
std::istream& operator>>(std::istream& in, Vec& v) { return in >> v.x >> v.y >> v.z; }

struct Shape {
  bool is_box = true, is_tube = false, shadow = true;
  std::string paint;
  Vec low, high, colour, glow;
};
struct Light {
  Vec corner, power, u, v;
  double radius = 0, shade = 0;  // a lamp: a ball of `radius`; nothing within `shade` of it casts a shadow
};
struct Camera {
  int width = 0, height = 0, samples = 0;
  Vec eye, look;
  double field = 60, focus = 2, aperture = 0;
};
struct Group {
  std::size_t first = 0, last = 0;
  Vec low, high;
};
struct Scene {
  Camera camera;
  std::vector<Shape> shapes;
  std::vector<Group> groups;
  std::vector<Light> lights;
};
struct Hit {
  double distance = std::numeric_limits<double>::infinity();
  Vec normal;
  const Shape* shape = nullptr;
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ull + 1) {}
  double operator()() {
    state_ ^= state_ << 13, state_ ^= state_ >> 7, state_ ^= state_ << 17;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }
  Vec on_sphere() {
    const double z = 2 * (*this)() - 1, angle = 2 * kPi * (*this)(), r = std::sqrt(std::max(0.0, 1 - z * z));
    return {r * std::cos(angle), r * std::sin(angle), z};
  }

 private:
  std::uint64_t state_;
};

Vec painted(const Shape& shape, Vec p) {
  if (shape.paint == "grain" || shape.paint == "planks") {
    const bool floor = shape.paint == "planks";
    const Vec q = floor ? Vec{p.y, p.z, p.x} : p;
    const double wave = std::sin(q.y * 90 + 2.5 * std::sin(q.x * 5 + q.z * 4) + std::sin(q.x * 13 + q.y * 31));
    double tone = 1 + 0.09 * wave, whole = 0;
    if (floor) tone *= 0.85 + 0.3 * std::modf(std::abs(std::sin(std::floor(p.x / 0.14) * 12.99)) * 43.7, &whole);
    return {tone, tone, tone};
  }
  if (shape.paint == "folds") {
    const double tone = 0.72 + 0.28 * std::sin(p.x * 2 * kPi / 0.07 + 0.8 * std::sin(p.x * 9));
    return {tone, tone, tone};
  }
  if (shape.paint == "shade") {  // brightest at the bulb's height
    const double at = (p.y - shape.low.y) / (shape.high.y - shape.low.y) - 0.45, tone = 1.15 - 1.5 * at * at;
    return {tone, tone, tone};
  }
  if (shape.paint == "garden") {  // sky over trees, as seen out of a window
    const double height = p.y - 1.36 + 0.13 * std::sin(p.x * 4.1 + 1) + 0.06 * std::sin(p.x * 13 + 1) +
                          0.02 * std::sin(p.x * 31) + 0.02 * std::sin(p.y * 27 + p.x * 50);
    const double leaves =
        0.6 + 0.2 * std::sin(p.x * 37 + 4 * std::sin(p.y * 23)) * std::sin(p.y * 41 + 3 * std::sin(p.x * 17));
    const double mix = 1 / (1 + std::exp(-height * 40)), glow = 0.9 + 0.25 * std::clamp(height, 0.0, 1.0);
    return Vec{0.80, 0.93, 1.08} * (glow * mix) + Vec{0.19, 0.27, 0.11} * (leaves * (1 - mix));
  }
  return {1, 1, 1};
}

bool slab(Vec origin, Vec inverse, Vec low, Vec high, double& enter, double& leave, int& axis) {
  enter = -1e30, leave = 1e30;
  for (int i = 0; i < 3; ++i) {
    double a = (low[i] - origin[i]) * inverse[i], b = (high[i] - origin[i]) * inverse[i];
    if (a > b) std::swap(a, b);
    if (a > enter) enter = a, axis = i;
    leave = std::min(leave, b);
  }
  return enter < leave && leave > 1e-5;
}

void intersect(const Shape& s, Vec origin, Vec direction, Vec inverse, Hit& best) {
  if (s.is_box) {
    double enter = 0, leave = 0;
    int axis = 0;
    if (!slab(origin, inverse, s.low, s.high, enter, leave, axis) || enter < 1e-5 || enter >= best.distance) return;
    const double side = direction[axis] > 0 ? -1 : 1;
    best = {enter, {axis == 0 ? side : 0, axis == 1 ? side : 0, axis == 2 ? side : 0}, &s};
    return;
  }
  const Vec centre = (s.low + s.high) * 0.5, size = (s.high - s.low) * 0.5, shrink{1 / size.x, 1 / size.y, 1 / size.z};
  Vec o = (origin - centre) * shrink, d = direction * shrink;
  if (s.is_tube) o.y = d.y = 0;
  const double a = dot(d, d) + 1e-12, b = dot(o, d), root = b * b - a * (dot(o, o) - 1);
  if (root <= 0) return;
  const double distance = (-b - std::sqrt(root)) / a;
  if (distance < 1e-5 || distance >= best.distance) return;
  const double y = origin.y + distance * direction.y;
  if (s.is_tube && (y < s.low.y || y > s.high.y)) return;
  best = {distance, unit((o + d * distance) * shrink), &s};
}

Hit nearest(const Scene& scene, Vec origin, Vec direction, double limit, bool only_shadows) {
  const Vec inverse{1 / direction.x, 1 / direction.y, 1 / direction.z};
  Hit best;
  best.distance = limit;
  for (const auto& group : scene.groups) {
    double enter = 0, leave = 0;
    int axis = 0;
    if (!slab(origin, inverse, group.low, group.high, enter, leave, axis) || enter >= best.distance) continue;
    for (std::size_t i = group.first; i < group.last; ++i) {
      if (only_shadows && !scene.shapes[i].shadow) continue;
      intersect(scene.shapes[i], origin, direction, inverse, best);
      if (only_shadows && best.shape != nullptr) return best;
    }
  }
  return best;
}

Vec from_light(const Scene& scene, const Light& light, Vec point, Vec normal, Random& random) {
  const bool lamp = light.radius > 0;
  const Vec target =
      light.corner + (lamp ? random.on_sphere() * light.radius : light.u * random() + light.v * random());
  const Vec way = target - point;
  const double distance = std::sqrt(dot(way, way));
  const Vec direction = way * (1 / distance);
  double strength = std::max(0.0, dot(direction, normal)) / (kPi * std::max(distance * distance, 0.05));
  if (!lamp) strength *= std::max(0.0, -dot(direction, cross(light.u, light.v)));
  if (strength < 1e-7) return {};
  const bool blocked = nearest(scene, point, direction, distance - light.shade - 1e-3, true).shape != nullptr;
  return blocked ? Vec{} : light.power * strength;
}

/// What the eye sees first is lit by every light; what lights it in turn, by one chosen at random.
Vec direct(const Scene& scene, Vec point, Vec normal, bool first, Random& random) {
  const std::size_t count = scene.lights.size();
  if (!first)
    return from_light(scene, scene.lights[static_cast<std::size_t>(random() * count)], point, normal, random) * count;
  Vec sum;
  for (const auto& light : scene.lights) sum = sum + from_light(scene, light, point, normal, random);
  return sum;
}

/// The light that comes along a ray; adds to `surface` what is seen there without any light on it.
Vec radiance(const Scene& scene, Vec origin, Vec direction, Vec& surface, Random& random) {
  Vec result, carried{1, 1, 1};
  for (int bounce = 0; bounce < 4; ++bounce) {
    const Hit hit = nearest(scene, origin, direction, 1e9, false);
    if (hit.shape == nullptr) break;
    const Vec point = origin + direction * hit.distance, paint = painted(*hit.shape, point);
    if (bounce == 0) {
      result = result + hit.shape->glow * paint;
      surface = surface + (hit.shape->colour + hit.shape->glow) * paint;
    }
    carried = carried * hit.shape->colour * paint;
    origin = point + hit.normal * 1e-4;
    result = result + carried * direct(scene, origin, hit.normal, bounce == 0, random);
    direction = unit(hit.normal + random.on_sphere() * 0.9999);
  }
  // A rare bright path would leave a speck that no later sample washes out.
  return {std::min(result.x, 12.0), std::min(result.y, 12.0), std::min(result.z, 12.0)};
}

void render_row(const Scene& scene, int row, float* out) {
  const Camera& c = scene.camera;
  const Vec forward = unit(c.look - c.eye), right = unit(cross({0, 1, 0}, forward)), up = cross(forward, right);
  const double scale = std::tan(c.field * kPi / 360);
  Random random(static_cast<std::uint64_t>(row) + 1);
  for (int i = 0; i < 8; ++i) random();
  for (int column = 0; column < c.width; ++column) {
    Vec sum, surface;
    for (int sample = 0; sample < c.samples; ++sample) {
      const double x = ((column + random()) / c.width * 2 - 1) * scale;
      const double y = -((row + random()) / c.height * 2 - 1) * scale * c.height / c.width;
      const double angle = 2 * kPi * random(), radius = std::sqrt(random()) * c.aperture;
      const Vec lens = c.eye + right * (radius * std::cos(angle)) + up * (radius * std::sin(angle));
      const Vec target = c.eye + (forward + right * x + up * y) * c.focus;
      sum = sum + radiance(scene, lens, unit(target - lens), surface, random);
    }
    for (int i = 0; i < 3; ++i) out[6 * column + i] = static_cast<float>(sum[i] / c.samples);
    for (int i = 0; i < 3; ++i) out[6 * column + 3 + i] = static_cast<float>(surface[i] / c.samples);
  }
}

Scene read_scene(std::istream& in) {
  Scene scene;
  for (std::string word; in >> word;) {
    if (word == "camera") {
      Camera& c = scene.camera;
      in >> c.width >> c.height >> c.samples >> c.eye >> c.look >> c.field >> c.focus >> c.aperture;
    } else if (word == "group") {
      scene.groups.push_back({scene.shapes.size(), scene.shapes.size(), {1e9, 1e9, 1e9}, {-1e9, -1e9, -1e9}});
    } else if (word == "light") {
      Light& l = scene.lights.emplace_back();
      in >> l.corner >> l.power >> l.u >> l.v >> l.radius >> l.shade;
    } else {
      Shape& s = scene.shapes.emplace_back();
      s.is_box = word == "box", s.is_tube = word == "tube";
      in >> s.low >> s.high >> s.colour >> s.glow >> s.paint >> s.shadow;
      Group& g = scene.groups.back();
      g.last = scene.shapes.size();
      g.low = {std::min(g.low.x, s.low.x), std::min(g.low.y, s.low.y), std::min(g.low.z, s.low.z)};
      g.high = {std::max(g.high.x, s.high.x), std::max(g.high.y, s.high.y), std::max(g.high.z, s.high.z)};
    }
  }
  return scene;
}

}  // namespace

int main() {
  const Scene scene = read_scene(std::cin);
  const Camera& c = scene.camera;
  std::vector<float> picture(static_cast<std::size_t>(c.width) * c.height * 6);
  const int workers = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::jthread> threads;
  for (int worker = 0; worker < workers; ++worker) {
    threads.emplace_back([&, worker] {
      for (int row = worker; row < c.height; row += workers)
        render_row(scene, row, &picture[static_cast<std::size_t>(row) * c.width * 6]);
    });
  }
  threads.clear();
  std::fwrite(picture.data(), sizeof(float), picture.size(), stdout);
}
