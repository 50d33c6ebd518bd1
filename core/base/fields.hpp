// PRECONF_FIELDS(a, b, ...): names the members of a plain struct once, for every purpose.
//
// Inside a struct it defines `each_field(self, visit)`, which calls visit("a", self.a) and so on in
// the written order, and field-wise ==. The canonical encoding (codec/canonical.hpp), the state
// hash, the printers and the state paths all walk a value through it, so a member that is missing
// here is missing everywhere: list every member.
#pragma once

#define PRECONF_PARENS ()
#define PRECONF_EXPAND(...) PRECONF_EXPAND4(PRECONF_EXPAND4(PRECONF_EXPAND4(__VA_ARGS__)))
#define PRECONF_EXPAND4(...) PRECONF_EXPAND3(PRECONF_EXPAND3(PRECONF_EXPAND3(__VA_ARGS__)))
#define PRECONF_EXPAND3(...) PRECONF_EXPAND2(PRECONF_EXPAND2(PRECONF_EXPAND2(__VA_ARGS__)))
#define PRECONF_EXPAND2(...) __VA_ARGS__

#define PRECONF_FOR_EACH(macro, ...) \
  __VA_OPT__(PRECONF_EXPAND(PRECONF_FOR_EACH_STEP(macro, __VA_ARGS__)))
#define PRECONF_FOR_EACH_STEP(macro, first, ...) \
  macro(first) __VA_OPT__(PRECONF_FOR_EACH_AGAIN PRECONF_PARENS(macro, __VA_ARGS__))
#define PRECONF_FOR_EACH_AGAIN() PRECONF_FOR_EACH_STEP

#define PRECONF_VISIT_ONE(name) visit(#name, self.name);

#define PRECONF_FIELDS(Type, ...)                               \
  template <class Self, class Visit>                            \
  static constexpr void each_field(Self& self, Visit&& visit) { \
    (void)self;                                                 \
    (void)visit;                                                \
    PRECONF_FOR_EACH(PRECONF_VISIT_ONE, __VA_ARGS__)            \
  }                                                             \
  friend bool operator==(const Type&, const Type&) = default
