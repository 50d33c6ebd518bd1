// Child processes of the program under test.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { withDeadline } from './rpc.mjs';

const running = new Set();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit(1));
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export class Process {
  /// Starts `program arguments`. Standard error is appended to `logFile`; `onLog` gets its lines.
  constructor(program, args, logFile, onLog = () => {}) {
    this.name = args.slice(0, 2).join(' ');
    this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.child);
    const file = createWriteStream(logFile, { flags: 'a' });
    this.tail = [];
    createInterface({ input: this.child.stderr }).on('line', (line) => {
      file.write(line + '\n');
      this.tail = [...this.tail.slice(-19), line];
      onLog(line);
    });
    this.lines = createInterface({ input: this.child.stdout });
    this.exited = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        running.delete(this.child);
        file.end();
        resolve({ code, signal });
      });
    });
  }

  /// The key=value pairs of the line that begins with `ready`; addresses without their scheme.
  async ready(ms = 30_000) {
    const line = new Promise((resolve) => {
      this.lines.on('line', (text) => {
        if (text.startsWith('ready ')) resolve(text);
      });
    });
    const ended = this.exited.then(({ code, signal }) => {
      throw new ProcessEnded(`${this.name} ended before it was ready: code ${code}, ` +
                             `signal ${signal}\n${this.tail.join('\n')}`, signal);
    });
    const text = await withDeadline(Promise.race([line, ended]), ms,
                                    `ready line of ${this.name}`);
    const pairs = text.replaceAll('=http://', '=').split(' ').slice(1);
    return Object.fromEntries(pairs.map((pair) => pair.split('=')));
  }

  /// Sends the signal and waits for the end; returns {code, signal}.
  async end(signal) {
    this.child.kill(signal);
    return withDeadline(this.exited, 30_000, `end of ${this.name} after ${signal}`);
  }
}

export class ProcessEnded extends Error {
  constructor(message, signal) {
    super(message);
    this.signal = signal;
  }
}

/// Runs to the end; returns {code, output}.
export async function run(program, args, logFile) {
  const process = new Process(program, args, logFile);
  const output = [];
  process.lines.on('line', (line) => output.push(line));
  const { code } = await withDeadline(process.exited, 120_000, `end of ${process.name}`);
  return { code, output: [...output, ...process.tail].join('\n') };
}
