// expect: node/[a-z_/]*\.hpp: No such file or directory|'node/[a-z_/]*\.hpp' file not found
// core's include root holds core alone: a header of another module can not be found.
#include "node/loop/ports.hpp"
