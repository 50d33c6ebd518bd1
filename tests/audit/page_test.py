"""The audit page in a real browser: rows are there, nothing complains, hostile text stays text.

usage: page_test.py MAKE_AUDIT_PAGE. Exit code 77 (skipped) when there is no browser.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

BROWSERS = ("chromium", "google-chrome", "chromium-browser")


def browse(browser, folder, url, *options):
    run = subprocess.run(
        [browser, "--headless=new", "--no-sandbox", "--disable-gpu",
            "--disable-background-networking",
         f"--user-data-dir={folder}/profile", "--enable-logging=stderr", *options, url],
        capture_output=True, text=True, timeout=100, check=False)
    complaints = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
    return run.stdout, complaints


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def main():
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"skipped: none of {', '.join(BROWSERS)} is installed")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        page = os.path.join(folder, "page.html")
        subprocess.run([sys.argv[1], page, "100000"], check=True)
        print(f"100000 blocks: {os.path.getsize(page)} bytes")
        dom, complaints = browse(browser, folder, "file://" + page, "--dump-dom")
        expect(not complaints, f"the console is silent: {complaints[:3]}")
        expect('data-ready="yes"' in dom, "the script ran to its end")
        expect("<title>Preconfirmation audit</title>" in dom, "hostile text did not run")
        expect("<img" not in dom, "hostile text made no element")
        expect("100009 of 100009" in dom, "all blocks are listed")
        rows = len(re.findall(r"<tr data-i=", dom))
        expect(30 < rows < 400, f"only rows in sight are elements: {rows}")
        for kind in ("equivocation", "log_gap", "reorg", "l1_contradiction"):
            expect(f">{kind}</td>" in dom, f"{kind} is in the table")
        dom, complaints = browse(browser, folder, f"file://{page}#finding=equivocation:1",
            "--dump-dom")
        expect(not complaints, f"the console is silent: {complaints[:3]}")
        expect(re.search(r"<dialog [^>]*open", dom), "a link opens its finding")
        dom, complaints = browse(browser, folder, f"file://{page}#block=50000", "--dump-dom")
        expect("Block 50000" in dom and not complaints, "a link opens its block")
        expect("before this log begins" not in dom, "its list came when it could be seen")
        dom, complaints = browse(browser, folder, f"file://{page}#block=3", "--dump-dom")
        expect("before this log begins" in dom and "4711" in dom and not complaints,
               "a list that came before the log is told with its event")
        for width in (400, 1400):
            picture = os.path.join(folder, f"{width}.png")
            browse(browser, folder, "file://" + page, f"--screenshot={picture}",
                   f"--window-size={width},1000")
            expect(os.path.getsize(picture) > 10000, f"there is something to see at {width} px")
    return 0


if __name__ == "__main__":
    sys.exit(main())
