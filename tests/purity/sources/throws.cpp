// expect: exception handling disabled|cannot use 'throw' with exceptions disabled
// core is built without exceptions: a refusal is a value.
namespace preconf::core {
int parse(int digit);
int parse(int digit) {
  if (digit > 9) throw digit;
  return digit;
}
}  // namespace preconf::core
