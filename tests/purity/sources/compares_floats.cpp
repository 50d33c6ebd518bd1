// expect: float-equal
// Equality of floating point numbers has no place in a fold that must repeat bit for bit.
namespace preconf::core {
bool same(float left, float right);
bool same(float left, float right) { return left == right; }
}  // namespace preconf::core
