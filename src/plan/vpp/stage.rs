//! Which commands may be under way at once.

use super::{Command, Enslaved, behind_the_kernel, enslaved};
use std::collections::{HashMap, HashSet};

/// Commands that are sent one behind the other, without waiting for the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage<'c> {
    /// Whether the kernel must have answered to what came before.
    pub waits_for_the_kernel: bool,
    /// In order.
    pub commands: &'c [Command],
    /// What is put into its VRF when all of them are carried out.
    pub enslaves: Option<Enslaved<'c>>,
}

/// The commands in stages: one begins when VPP has carried out the stage before.
///
/// Behind a refused command, VPP carries out the rest of a stage. That is harmless for commands that name what the refused
/// one would have made: VPP refuses them too. It accepts an ABF policy without its ACL, though, and dies of the first
/// packets; so policies form a stage of their own. The device of a pair is put into its VRF before anything stands on it: a
/// stage ends with the pair.
pub fn stages(commands: &[Command]) -> Vec<Stage<'_>> {
    let waits: HashSet<usize> = behind_the_kernel(commands).into_iter().collect();
    let is_abf = |number: usize| {
        commands
            .get(number)
            .is_some_and(|command| command.text.starts_with("abf "))
    };
    let enslaved: HashMap<usize, Enslaved<'_>> =
        enslaved(commands).into_iter().map(|it| (it.number, it)).collect();
    let begins = |number: usize| {
        number == 0
            || waits.contains(&number)
            || is_abf(number) && !is_abf(number - 1)
            || enslaved.contains_key(&(number - 1))
    };
    let starts: Vec<usize> = (0..commands.len()).filter(|number| begins(*number)).collect();
    let ends = starts.iter().skip(1).copied().chain([commands.len()]);
    let ranges = starts.iter().copied().zip(ends);
    ranges
        .map(|(start, end)| Stage {
            waits_for_the_kernel: waits.contains(&start),
            commands: commands.get(start..end).unwrap_or_default(),
            enslaves: enslaved.get(&(end - 1)).copied(),
        })
        .collect()
}
