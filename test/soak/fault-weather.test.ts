import { seededChance } from '../../local/chance.ts';
import { Fault } from '../../local/faults.ts';
import { Dice } from '../../soak/dice.ts';
import { randomFault } from '../../soak/fault-weather.ts';

const faults = (seed: string) => {
  const dice = new Dice(seededChance(seed), 'faults');
  return Array.from({ length: 600 }, () => Fault.parse(randomFault(dice)));
};

it('has, in ten minutes, faults of every kind', () => {
  const kinds = Fault.def.options.map(({ shape }) => shape.fault.def.values[0]);
  expect(new Set(faults('one').map(({ fault }) => fault))).toEqual(new Set(kinds));
});

it('is the same with the same seed, and another with another', () => {
  expect(faults('one')).toEqual(faults('one'));
  expect(faults('two')).not.toEqual(faults('one'));
});
