import assert from 'node:assert/strict';

/// Runs the named steps one after the other; says what each took. Throws at the first that fails.
export class Report {
  constructor(log = console.log) {
    this.log = log;
    this.failed = [];
    this.passed = 0;
  }

  async step(name, body) {
    const begin = performance.now();
    try {
      const note = await body();
      this.passed += 1;
      this.log(
        `ok    ${name} (${Math.round(performance.now() - begin)} ms)${note ? `: ${note}` : ''}`,
      );
    } catch (error) {
      this.failed.push(name);
      this.log(`FAIL  ${name}: ${error.stack}`);
    }
  }
}

export { assert };
