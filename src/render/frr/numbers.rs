//! Sequence numbers that stay what they are: what is new gets a number in a gap.
//!
//! FRR's own reload takes a line with another number for a line that goes and a line that comes. If one new member at the
//! beginning renumbered all others, they would all be removed first. And nothing new takes the number of what goes: a member
//! is removed by its number, whatever it is by then, and an entry whose match is exchanged has none in between and takes
//! every route.

use foldhash::{HashMap, HashMapExt as _};
use std::hash::Hash;

/// How the numbers of one kind of line are given.
#[derive(Debug)]
pub(super) struct Scale {
    /// The distance of two numbers in a new numbering, where there is room for it.
    pub(super) step: u64,
    /// The greatest number.
    pub(super) most: u64,
}

/// Members of lists.
pub(super) const MEMBERS: Scale = Scale {
    step: 5,
    most: u32::MAX as u64,
};

/// Entries of route-maps.
pub(super) const ENTRIES: Scale = Scale {
    step: 10,
    most: LAST_ENTRY,
};

/// The greatest number of a route-map's entry.
pub(super) const LAST_ENTRY: u64 = 65_535;

/// A rising number for each wanted item: the one it had before, where that is in order; else one that nothing had. Where there
/// is no room between two numbers, as few as possible around them are given anew.
///
/// `before` is in the order of its numbers. Takes n log n steps at most.
pub(super) fn of<K: Eq + Hash>(before: &[(u32, K)], wanted: &[K], scale: &Scale) -> Vec<u32> {
    if before.is_empty() {
        return anew(wanted.len(), scale);
    }
    let same = before.iter().map(|(_, key)| key).eq(wanted);
    if same {
        return before.iter().map(|(number, _)| *number).collect();
    }
    let mut anchors = anchors(before, wanted);
    let mut width = 1;
    loop {
        match between(&anchors, before, wanted.len(), scale) {
            Ok(numbers) => return numbers,
            Err(_) if anchors.is_empty() => return anew(wanted.len(), scale),
            Err(Full { anchor }) => {
                let end = (anchor + width).min(anchors.len());
                anchors.drain(anchor.saturating_sub(width)..end);
                width *= 2;
            }
        }
    }
}

/// The same, where some items have to have a number: in rising order, and nothing has a number of them yet. When there is no
/// room for the others between those, all are numbered as in [`of`].
pub(super) fn around<K: Eq + Hash + Clone>(
    pins: &[Option<u32>],
    before: &[(u32, K)],
    wanted: &[K],
    scale: &Scale,
) -> Vec<u32> {
    let mut numbers = Vec::with_capacity(wanted.len());
    let (mut low, mut start) = (0, 0);
    let pinned = pins
        .iter()
        .enumerate()
        .filter_map(|(at, pin)| Some((at, (*pin)?)));
    let end = (wanted.len(), scale.most as u32 + 1);
    for (at, high) in pinned.chain([end]) {
        let (room, items) = (u64::from(high - low) - 1, &wanted[start..at]);
        if items.len() as u64 > room {
            return of(before, wanted, scale);
        }
        let inside = before
            .iter()
            .filter(|(number, _)| (low + 1..high).contains(number));
        let inside: Vec<(u32, K)> = inside.map(|(number, key)| (number - low, key.clone())).collect();
        let scale = Scale {
            step: scale.step,
            most: room,
        };
        numbers.extend(of(&inside, items, &scale).into_iter().map(|number| number + low));
        if at < wanted.len() {
            numbers.push(high);
        }
        (low, start) = (high, at + 1);
    }
    numbers
}

/// Rising numbers for so many items where nothing was before.
pub(super) fn anew(count: usize, scale: &Scale) -> Vec<u32> {
    let steps = [scale.step, scale.step / 2, scale.step / 5, 1];
    let fits = |step: &u64| *step > 0 && count as u64 * step <= scale.most;
    let step = steps.into_iter().find(fits).unwrap_or(1);
    (1..=count as u64).map(|n| (n * step) as u32).collect()
}

/// There is no room before this anchor, or behind the last one.
struct Full {
    anchor: usize,
}

/// The numbers when these items keep theirs.
fn between<K>(
    anchors: &[(usize, usize)],
    before: &[(u32, K)],
    wanted: usize,
    scale: &Scale,
) -> Result<Vec<u32>, Full> {
    let mut numbers = Vec::with_capacity(wanted);
    let (mut low, mut passed) = (0, 0);
    for (anchor, (item, place)) in anchors.iter().enumerate() {
        let high = u64::from(before[*place].0);
        let gone = &before[passed..*place];
        let gap = Gap { low, high, gone };
        gap.fill(&mut numbers, *item, scale).ok_or(Full { anchor })?;
        numbers.push(before[*place].0);
        (low, passed) = (high, place + 1);
    }
    let (high, gone) = (scale.most + 1, &before[passed..]);
    let anchor = anchors.len();
    let end = Gap { low, high, gone };
    end.fill(&mut numbers, wanted, scale).ok_or(Full { anchor })?;
    Ok(numbers)
}

/// The numbers between two that are kept.
struct Gap<'b, K> {
    low: u64,
    high: u64,
    /// What had a number in it.
    gone: &'b [(u32, K)],
}

impl<K> Gap<'_, K> {
    /// Adds numbers of the gap until there are as many as wanted; `None` when it is too small.
    fn fill(self, numbers: &mut Vec<u32>, wanted: usize, scale: &Scale) -> Option<()> {
        let missing = wanted - numbers.len();
        if missing == 0 {
            return Some(());
        }
        if self.high > scale.most {
            let last = self.gone.last().map_or(0, |(number, _)| u64::from(*number));
            let end = self.low.max(last) / scale.step * scale.step;
            if end + missing as u64 * scale.step <= scale.most {
                numbers.extend((1..=missing as u64).map(|n| (end + n * scale.step) as u32));
                return Some(());
            }
        }
        let even = ((self.high - self.low) / (missing as u64 + 1)).max(1);
        let found = self.free(even, missing).or_else(|| self.free(1, missing))?;
        numbers.extend(found);
        Some(())
    }

    /// Numbers that nothing had, at least `step` apart.
    fn free(&self, step: u64, count: usize) -> Option<Vec<u32>> {
        let had = |number: &u64| {
            let found = self.gone.binary_search_by_key(number, |(had, _)| u64::from(*had));
            found.is_ok()
        };
        let mut found = Vec::with_capacity(count);
        let mut number = self.low;
        for _ in 0..count {
            number = (number + step..self.high).find(|number| !had(number))?;
            found.push(number as u32);
        }
        Some(found)
    }
}

/// The most items that can keep their numbers: pairs of a wanted item and its place before, both rising.
fn anchors<K: Eq + Hash>(before: &[(u32, K)], wanted: &[K]) -> Vec<(usize, usize)> {
    const NONE: usize = usize::MAX;
    let mut places: HashMap<&K, usize> = HashMap::with_capacity(before.len());
    // Behind each place the next one with the same content.
    let mut next = vec![NONE; before.len()];
    for (place, (_, key)) in before.iter().enumerate().rev() {
        next[place] = places.insert(key, place).unwrap_or(NONE);
    }
    let mut pairs = Vec::with_capacity(wanted.len());
    for (item, key) in wanted.iter().enumerate() {
        if let Some(place) = places.get_mut(key).filter(|place| **place != NONE) {
            pairs.push((item, *place));
            *place = next[*place];
        }
    }
    longest_rising(&pairs)
}

/// The longest subsequence whose places rise.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // The pair with the lowest place that ends a rising sequence of each length, and the pair before each pair.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; pairs.len()];
    for (index, (_, place)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < *place);
        previous[index] = length.checked_sub(1).map(|shorter| ends[shorter]);
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut rising = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(index) = at {
        rising.push(pairs[index]);
        at = previous[index];
    }
    rising.reverse();
    rising
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn members(before: &[(u32, char)], wanted: &str) -> Vec<u32> {
        of(before, &wanted.chars().collect::<Vec<_>>(), &MEMBERS)
    }

    #[test]
    fn what_is_new_gets_a_number_in_a_gap() {
        let abc = [(5, 'a'), (10, 'b'), (15, 'c')];
        assert_eq!(members(&[], "abc"), [5, 10, 15]);
        assert_eq!(members(&abc, "xabc"), [2, 5, 10, 15]);
        assert_eq!(members(&abc, "abxc"), [5, 10, 12, 15]);
        assert_eq!(members(&abc, "abcxy"), [5, 10, 15, 20, 25]);
        assert_eq!(members(&abc, "ac"), [5, 15]);
    }

    #[test]
    fn nothing_takes_the_number_of_what_goes() {
        let abc = [(5, 'a'), (10, 'b'), (15, 'c')];
        assert_eq!(members(&abc, "axc"), [5, 11, 15]);
        assert_eq!(members(&abc, "abx"), [5, 10, 20]);
        assert_eq!(members(&[(5, 'a'), (11, 'x'), (15, 'c')], "ayc"), [5, 10, 15]);
    }

    #[test]
    fn what_moves_gets_another_number_and_the_rest_keeps_its_own() {
        let abcd = [(5, 'a'), (10, 'b'), (15, 'c'), (20, 'd')];
        assert_eq!(members(&abcd, "dabc"), [2, 5, 10, 15]);
    }

    #[test]
    fn a_full_gap_renumbers_what_is_around_it() {
        assert_eq!(members(&[(1, 'a'), (2, 'b')], "axb"), [5, 10, 15]);
        let full = [(1, 'a'), (2, 'b'), (5, 'c'), (10, 'd'), (15, 'e')];
        assert_eq!(members(&full, "xabcde"), [3, 4, 6, 7, 10, 15]);
        let last = [(10, 'a'), (65_535, 'b')];
        assert_eq!(of(&last, &['a', 'b', 'c'], &ENTRIES), [10, 21_852, 43_694]);
    }

    #[test]
    fn a_number_that_is_asked_for_is_given_while_there_is_room() {
        let around = |before: &[(u32, char)], wanted: &str, pins: &[Option<u32>]| {
            around(pins, before, &wanted.chars().collect::<Vec<_>>(), &ENTRIES)
        };
        let pins = [None, Some(15), None, Some(30), None];
        assert_eq!(around(&[], "abcde", &pins), [10, 15, 25, 30, 40]);
        let before = [(12, 'a'), (15, 'b'), (17, 'c'), (30, 'd'), (31, 'e')];
        assert_eq!(around(&before, "abcde", &pins), [12, 15, 17, 30, 31]);
        assert_eq!(around(&[], "abc", &[Some(5), None, Some(6)]), [10, 20, 30]);
        assert_eq!(around(&[], "ab", &[Some(65_535), None]), [10, 20]);
        assert_eq!(around(&[], "ab", &[None, Some(1)]), [10, 20]);
        assert_eq!(around(&[], "", &[]), [0; 0]);
    }

    #[test]
    fn a_new_numbering_fits() {
        assert_eq!(anew(6_600, &ENTRIES).last(), Some(&33_000));
        assert_eq!(anew(65_535, &ENTRIES).last(), Some(&65_535));
    }

    proptest! {
        /// Numbers rise and stay in range, and once given they stay.
        #[test]
        fn numbers_rise_and_stay(first in "[a-p]{0,12}", second in "[a-p]{0,12}") {
            for scale in [&MEMBERS, &ENTRIES] {
                let first: Vec<char> = first.chars().collect();
                let second: Vec<char> = second.chars().collect();
                let old: Vec<_> = of(&[], &first, scale).into_iter().zip(first).collect();
                let numbers = of(&old, &second, scale);
                prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", numbers);
                prop_assert!(numbers.iter().all(|number| (1..=scale.most).contains(&u64::from(*number))));
                let now: Vec<_> = numbers.iter().copied().zip(second.iter().copied()).collect();
                prop_assert_eq!(of(&now, &second, scale), numbers);
            }
        }
    }
}
