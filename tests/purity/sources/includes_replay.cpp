// expect: replay/[a-z_/]*\.hpp: No such file or directory|'replay/[a-z_/]*\.hpp' file not found
// core's include root holds core alone: a header of another module can not be found.
#include "replay/fold.hpp"
