#!/usr/bin/env python3
"""tools/check_style.py must find what it promises, and nothing in clean code.

    style_test.py REPOSITORY [unittest arguments]
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path()

HEADER = "// What it is for.\n#pragma once\n"
USER = '#include "core/a.hpp"\n'


def split(word: str) -> str:
    """Joined at run time, so that this file does not contain what the check looks for."""
    return word.replace("~", "")


class Style(unittest.TestCase):
    def check(self, files: dict[str, str]) -> tuple[int, str]:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                file = pathlib.Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            done = subprocess.run(
                [sys.executable, str(REPOSITORY / "tools/check_style.py"), folder],
                capture_output=True, text=True, check=False,
            )
        return done.returncode, done.stdout + done.stderr

    def assert_finding(self, path: str, text: str, line: int, reason: str):
        code, output = self.check({path: text})
        self.assertEqual(code, 1, output)
        self.assertRegex(output, rf"(?m)^{path}:{line}: .*{reason}")

    def test_clean_code(self):
        code, output = self.check({
            "core/a.hpp": HEADER + "int f(int n);\n",
            "core/a.cpp": USER + "int f(int n) {\n" + "  ++n;\n" * 60 + "  return n;\n}\n",
            "core/b.cpp": "struct S {\n" + "  int f() { return 1; }\n" * 90 + "};\n",
            "tests/a_test.cpp": 'auto a = [&](int n) { return n; };\nchar b[] = "// TO" "DO";\n',
        })
        self.assertEqual(code, 0, output)

    def test_sizes(self):
        self.assert_finding("core/a.cpp", "int a;" + " " * 94 + "// b\n", 1, "104 columns")
        self.assert_finding("core/a.cpp", "int a;\n" * 501, 500, "501 lines")
        body = "int f(int n) {\n" + "  if (n > 0) { ++n; }\n" * 70 + "  return n;\n}\n"
        self.assert_finding("core/a.cpp", body, 1, "function of 73 lines")
        method = "namespace a {\nclass B {\n  int f() const override {\n" + "    g();\n" * 70
        method += "  }\n};\n}\n"
        self.assert_finding("core/a.cpp", method, 3, "function of 72 lines")
        with_list = "B::B(int a) : a_(a), b_{a} {\n" + "  g();\n" * 70 + "}\n"
        self.assert_finding("core/a.cpp", with_list, 1, "function of 72 lines")

    def test_sleeps(self):
        for path, line in (
            ("tests/a_test.cpp", "std::this_thread::sleep~_for(1ms);"),
            ("tests/a_test.cpp", "usl~eep(1);"),
            ("tests/e2e/a.mjs", "await new Promise((done) => setTime~out(done, 5));"),
            ("tests/e2e/a.py", "time.sl~eep(1)"),
            ("tests/e2e/a.sh", "while true; do sl~eep 1; done"),
        ):
            with self.subTest(line):
                self.assert_finding(path, split(line) + "\n", 1, "does not sleep")

    def test_words(self):
        for comment in ("TO~DO later", "previous~ly a map", "now uses~ a vector", "a place~holder"):
            with self.subTest(comment):
                self.assert_finding("io/a.cpp", f"int a;  // {split(comment)}\n", 1, "comment says")

    def test_capturing_coroutines(self):
        for lambda_ in (
            "[this]() -> asio::awaitable<void> { co_await g(); }",
            "[&] () mutable -> awaitable<void> {\n  co_return;\n}",
            "[n = 1](auto x) -> task { if (x) { co_await g(n); } }",
        ):
            with self.subTest(lambda_):
                code = f"void f() {{ spawn({lambda_}); }}\n"
                self.assert_finding("io/a.cpp", code, 1, "coroutine")
        plain = "int a[2];\ntask f(int b) { co_return g([b] { b; }); }\n"
        code, output = self.check({"io/a.cpp": plain})
        self.assertEqual(code, 0, output)

    def test_headers(self):
        self.assert_finding("core/a.hpp", HEADER, 1, "no file includes")
        self.assert_finding("core/a.hpp", "// A.\nint f();\n", 1, "pragma once")

    def test_own_header_comes_first(self):
        reason = "core/a.cpp:{}: the first line but comments includes core/a.hpp"
        for text, line in (
            ("#include <vector>\n" + USER, 1),
            ('// A.\n\n#include "core/b.hpp"\n' + USER, 3),
            ("#define A 1\n" + USER, 1),
            ("struct S;\n" + USER, 1),
            ("/* " + USER + " */\nint a;\n", 3),
            ("// A.\n", 1),
        ):
            with self.subTest(text):
                code, output = self.check({"core/a.hpp": HEADER, "core/a.cpp": text})
                self.assertEqual(code, 1, output)
                self.assertIn(reason.format(line), output)
        files = {"core/a.hpp": HEADER, "core/a.cpp": "// A.\n\n" + USER + "#include <map>\n"}
        code, output = self.check(files)
        self.assertEqual(code, 0, output)

    def test_third_party_headers_stay_in_their_module(self):
        files = {
            "io/a.hpp": HEADER + "#include <boost/asio.hpp>\n",
            "io/b.hpp": HEADER + '#include "io/a.hpp"\n',
            "io/b.cpp": '#include "io/b.hpp"\n',
        }
        code, output = self.check(files)
        self.assertEqual(code, 0, output)
        files["node/c.cpp"] = '\n#include "io/b.hpp"\n'
        code, output = self.check(files)
        self.assertEqual(code, 1, output)
        self.assertIn("node/c.cpp:2: io/b.hpp shows boost", output)

    def test_what_clang_14_can_not_read(self):
        self.assert_finding("core/a.cpp", "auto a = b | std::views::reverse;\n", 1, "clang 14")

    def test_links(self):
        self.assert_finding("docs/a.md", "[b](b.md)\n", 1, "does not exist")
        code, output = self.check({"docs/a.md": "[a](a.md#top) [b](https://b) [c](#c)\n"})
        self.assertEqual(code, 0, output)

    def test_machine_paths(self):
        self.assert_finding("docs/a.md", split("see /ro~ot/notes\n"), 1, "one machine")


if __name__ == "__main__":
    REPOSITORY = pathlib.Path(sys.argv[1])
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
