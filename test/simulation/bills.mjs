/**
 * A small application that is crash-tested as users do it: with the built package and its door
 * `holdfast/testing`. An agent pays bills at a bank, each of them once, whatever happens to it. The bank
 * stands outside of the machine and forgets nothing.
 *
 * Run with: node bills.mjs sound|hasty [SEED]. `hasty` pays first and records it afterwards.
 */
import { crashTest } from 'holdfast/testing';

const [variant, seed = '1'] = process.argv.slice(2);
const bills = ['rent', 'water'];

class Bank {
  constructor(paid = []) {
    this.paid = [...paid];
  }

  has(bill) {
    return this.paid.includes(bill);
  }

  pay(bill) {
    this.paid.push(bill);
  }
}

/** Pays what is not paid yet, and goes on where a process before this one died. */
async function payBills(session, bank) {
  // Whether such a call has happened, only the bank knows.
  for (const { callId, progress } of session.state.openCalls) {
    if (progress !== 'unknown-outcome') continue;
    await session.complete(callId, { status: bank.has(callId) ? 'ok' : 'cancelled' });
  }
  const settled = new Set();
  for await (const { event } of session.entries()) {
    if (event.kind === 'outcome' && event.outcome.status === 'ok') settled.add(event.callId);
  }
  for (const id of bills.filter((bill) => !settled.has(bill))) {
    if (variant === 'hasty') bank.pay(id);
    await session.intend({ id, name: 'pay', input: { bill: id } });
    if (variant === 'sound') bank.pay(id);
    await session.complete(id, { status: 'ok' });
  }
  await session.append({ role: 'assistant', content: 'All bills are paid' });
}

/** One life of the application. */
async function live(machine, bank) {
  const store = await machine.openStore('/agent');
  const session = await store.openSession('bills', { create: true });
  await payBills(session, bank);
  await store.close();
}

try {
  const summary = await crashTest({
    seed: Number(seed),
    cuts: 0,
    begin: () => new Bank(),
    work: live,
    check: async (machine, bank) => {
      // Several machines may be left of one crash, and each of them goes on at a bank of its own.
      const copy = new Bank(bank.paid);
      await live(machine, copy);
      const isOnce = (bill) => copy.paid.filter((one) => one === bill).length === 1;
      if (!bills.every(isOnce)) throw new Error(`paid: ${copy.paid.join()}`);
    },
  });
  process.stdout.write(`${JSON.stringify(summary)}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ failure: error.message })}\n`);
}
