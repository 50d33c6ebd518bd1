// expect: exception handling disabled|cannot use 'try' with exceptions disabled
// Catching is as far from a pure function as throwing.
namespace preconf::core {
int called();
int guarded();
int guarded() {
  try {
    return called();
  } catch (int code) {
    return code;
  }
}
}  // namespace preconf::core
