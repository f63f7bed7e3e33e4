//! The difference between two scripts, carried out on a simulated VPP: it ends where a fresh start of the new script ends.

mod documents;
mod nat;
mod sim;

use documents::{Dice, document, scripts};
use imp::plan::vpp::{self, Acls, Change, Difference, Script, Step};
use sim::{Outcome, Sim};
use std::collections::{BTreeMap, BTreeSet};

/// The interfaces that are there without being made.
fn nics(script: &Script) -> BTreeSet<&str> {
    let mut nics = BTreeSet::new();
    for command in &script.commands {
        match command.text.split_whitespace().collect::<Vec<_>>()[..] {
            ["lcp", "create", name, ..] if !name.contains('.') => nics.insert(name),
            _ => continue,
        };
    }
    for command in &script.commands {
        if let ["set", "interface", "name", _, name] = command.text.split_whitespace().collect::<Vec<_>>()[..]
        {
            nics.remove(name);
        }
    }
    nics
}

fn fresh(script: &Script) -> Sim {
    let mut sim = Sim::fresh(nics(script));
    let waits = vpp::first_mtu_of_a_vlan(&script.commands);
    for (number, command) in script.commands.iter().enumerate() {
        if waits == Some(number) {
            sim.kernel_answers();
        }
        assert_eq!(sim.run(&command.text), Ok(()), "fresh: {}", command.text);
    }
    sim.kernel_answers();
    sim
}

fn step(sim: &mut Sim, step: &Step) -> Outcome {
    if step.waits_for_the_kernel() {
        sim.kernel_answers();
    }
    let acls = Acls::of(&sim.acls());
    sim.run(&step.command(&acls).unwrap().text)
}

fn carry_out(sim: &mut Sim, difference: &Difference, what: &str) {
    for it in &difference.steps {
        assert_eq!(step(sim, it), Ok(()), "{what}: {it}\n{}", text(difference));
    }
    sim.kernel_answers();
}

fn text(difference: &Difference) -> String {
    let lines: Vec<String> = difference.steps.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn assert_same(found: &Sim, expected: &Sim, what: &str) {
    let (found, expected) = (found.has(), expected.has());
    let more: Vec<_> = found.difference(&expected).collect();
    let less: Vec<_> = expected.difference(&found).collect();
    assert!(
        more.is_empty() && less.is_empty(),
        "{what}\nmore: {more:#?}\nless: {less:#?}"
    );
}

/// The difference leads from one to the other, and from any step of it back. Returns whether it needed no restart.
fn holds(from: &Script, to: &Script, refused: usize) -> bool {
    let difference = match vpp::change(from, to) {
        Change::Restart { .. } => return false,
        Change::None => {
            assert_same(&fresh(from), &fresh(to), "no difference");
            return true;
        }
        Change::Live(difference) => difference,
    };
    let begin = fresh(from);
    let mut sim = begin.clone();
    carry_out(&mut sim, &difference, "there");
    assert_same(&sim, &fresh(to), &format!("there:\n{}", text(&difference)));

    let done = &difference.steps[..refused % difference.steps.len()];
    let mut sim = begin.clone();
    for it in done {
        assert_eq!(step(&mut sim, it), Ok(()));
    }
    match vpp::back(from, done) {
        Change::None => sim.kernel_answers(),
        Change::Live(back) => carry_out(&mut sim, &back, "back"),
        Change::Restart { why } => panic!("no way back: {why}"),
    }
    assert_same(
        &sim,
        &begin,
        &format!("back after {}:\n{}", done.len(), text(&difference)),
    );
    true
}

#[test]
fn ten_thousand_differences_lead_there_and_back() {
    let mut dice = Dice(10);
    let documents: Vec<BTreeMap<String, Script>> = std::iter::repeat_with(|| scripts(&document(&mut dice)))
        .take(400)
        .flatten()
        .collect();
    assert!(
        documents.len() > 200,
        "only {} documents are valid",
        documents.len()
    );
    let (mut pairs, mut live) = (0, 0);
    while pairs < 10_000 {
        let (from, to) = (
            &documents[dice.roll(documents.len())],
            &documents[dice.roll(documents.len())],
        );
        for (instance, from) in from {
            if let Some(to) = to.get(instance) {
                pairs += 1;
                live += usize::from(holds(from, to, dice.roll(1000)));
            }
        }
    }
    assert!(live * 2 > pairs, "only {live} of {pairs} live");
    for document in &documents {
        for script in document.values() {
            assert_eq!(vpp::change(script, script), Change::None);
        }
    }
}
