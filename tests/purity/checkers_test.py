#!/usr/bin/env python3
"""The checks themselves are tested: each is given a planted defect and must name it.

    checkers_test.py REPOSITORY COMPILER LIBCORE [unittest arguments]
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = COMPILER = LIBCORE = pathlib.Path()


def run(*command) -> tuple[int, str]:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Planted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def plant(self, path: str, text: str) -> pathlib.Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def assert_refused(self, result: tuple[int, str], reason: str):
        code, output = result
        self.assertEqual(code, 1, output)
        self.assertIn(reason, output)


class CoreIncludes(Planted):
    def check(self):
        return run(sys.executable, REPOSITORY / "tools/check_core_includes.py", self.root)

    def test_the_real_core_is_clean(self):
        code, output = run(sys.executable, REPOSITORY / "tools/check_core_includes.py", REPOSITORY)
        self.assertEqual(code, 0, output)

    def test_a_header_into_the_real_core(self):
        shutil.copytree(REPOSITORY / "core", self.root / "core")
        for line, place in (
            ("#include <chrono>", "<chrono>"),
            ('#include "io/clock.hpp"', '"io/clock.hpp"'),
            ("#include <boost/asio/io_context.hpp>", "<boost/asio/io_context.hpp>"),
            ("  #  include <random>  // for a seed", "<random>"),
            ('#include "core/../io/clock.hpp"', "outside core/"),
            ("#include HEADER", "HEADER: not a plain header name"),
            ("#include <cstdio>", "only core/base/assert.cpp may include it"),
        ):
            with self.subTest(line):
                types = (REPOSITORY / "core/types.hpp").read_text()
                self.plant("core/types.hpp", types.replace("#pragma once", "#pragma once\n" + line))
                self.assert_refused(self.check(), "core/types.hpp:")
                self.assert_refused(self.check(), place)

    def test_words_without_a_header(self):
        for code in (
            "void f() { throw 1; }",
            "double share();",
            "auto now = __builtin_ia32_rdtsc();",
            'void f() { asm("cpuid"); }',
            'extern "C" long time(long*);',
            "std::unordered_map<int, int> m;",
            "const char* built = __DATE__;",
        ):
            with self.subTest(code):
                self.plant("core/a.cpp", code + "\n")
                self.assert_refused(self.check(), "core/a.cpp:1:")

    def test_comments_and_texts_are_not_code(self):
        code = '// throw a double\nconst char* a = "throw";  /* float\n */\nint b = 1\'000;\n'
        self.plant("core/a.cpp", code)
        code, output = self.check()
        self.assertEqual(code, 0, output)

    def test_nothing_to_check_is_a_failure(self):
        (self.root / "core").mkdir()
        self.assert_refused(self.check(), "no sources")


class CoreSymbols(Planted):
    def check_with(self, source: str):
        """The real archive plus one object."""
        archive = self.root / "libcore.a"
        shutil.copy(LIBCORE, archive)
        file = self.plant("planted.cpp", source)
        planted = file.with_suffix(".o")
        code, output = run(COMPILER, "-std=c++20", "-O1", "-c", file, "-o", planted)
        self.assertEqual(code, 0, output)
        self.assertEqual(run("ar", "rcs", archive, planted)[0], 0)
        return run(REPOSITORY / "tools/check_core_symbols.sh", archive)

    def test_the_real_core_is_clean(self):
        code, output = run(REPOSITORY / "tools/check_core_symbols.sh", LIBCORE)
        self.assertEqual(code, 0, output)

    def test_a_pure_object_is_accepted(self):
        code, output = self.check_with("int twice(int n) { return 2 * n; }")
        self.assertEqual(code, 0, output)

    def test_what_reaches_outside(self):
        for header, code, symbol in (
            ("chrono", "auto f() { return std::chrono::system_clock::now(); }", "system_clock"),
            ("chrono", "auto f() { return std::chrono::steady_clock::now(); }", "steady_clock"),
            ("ctime", "auto f() { return std::time(nullptr); }", "time: impure"),
            ("random", "auto f() { return std::random_device{}(); }", "random_device"),
            ("cstdlib", 'auto f() { return std::getenv("HOME"); }', "getenv: impure"),
            ("cstdio", 'auto f() { return std::fopen("a", "r"); }', "fopen: impure"),
            ("fstream", 'void f() { std::ofstream{"a"} << 1; }', "basic_ofstream"),
            ("iostream", "void f() { std::cout << 1; }", "std::cout"),
            ("thread", "void f() { std::thread([] {}).join(); }", "std::thread"),
            ("mutex", "std::mutex m; void f() { m.lock(); }", "pthread_mutex_lock"),
            ("sys/socket.h", "int f() { return socket(1, 1, 0); }", "socket: impure"),
            ("zlib.h", 'auto f() { return gzopen("a", "r"); }', "gzopen: impure"),
            ("cstdint", "int f() { throw 1; }", "__cxa_throw"),
            ("cstdint", 'extern "C" int g(); int f() { return g(); }', "g: not on the list"),
        ):
            source = f"#include <{header}>\n{code}\n"
            with self.subTest(symbol):
                self.assert_refused(self.check_with(source), symbol)


if __name__ == "__main__":
    REPOSITORY, COMPILER, LIBCORE = (pathlib.Path(word) for word in sys.argv[1:4])
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
