//! The numbers of ACLs and ABF policies that extra commands of core make and name.
//!
//! VPP gives a new ACL the lowest free number. Ours are made after the extra commands, whose numbers so stay what they are
//! whichever modules there are.

use crate::config::code::{E0390, E0736};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::source::Span;
use std::collections::BTreeSet;

/// The ACLs and policies there are after some of the lines.
#[derive(Debug, Default)]
struct Made {
    acls: BTreeSet<u32>,
    policies: BTreeSet<u32>,
}

impl Made {
    fn of(text: &str) -> Self {
        let mut made = Self::default();
        text.lines().for_each(|line| made.carry_out(&words(line)));
        made
    }

    fn carry_out(&mut self, words: &[&str]) {
        match *words {
            ["set", "acl-plugin", "acl", first, ..] if first != "index" => {
                let next = (0..).find(|number| !self.acls.contains(number));
                self.acls.extend(next);
            }
            ["delete", "acl-plugin", "acl", "index", number] => {
                self.acls.retain(|acl| acl.to_string() != number);
            }
            ["abf", "policy", verb, "id", id, ..] if verb != "del" => {
                self.policies.extend(id.parse::<u32>().ok())
            }
            _ => {}
        }
    }

    /// Why a line names what is not there.
    fn lacks(&self, words: &[&str]) -> Option<Lack> {
        let acls = match *words {
            ["set" | "delete", "acl-plugin", kind, ..] if kind != "macip" => {
                ["acl", "index"].map(|key| number(words, key))
            }
            ["abf", "policy", ..] => [number(words, "acl"), None],
            ["abf", "attach", ..] => {
                let policy = number(words, "policy").filter(|id| !self.policies.contains(id))?;
                return Some(Lack::Policy(policy));
            }
            _ => return None,
        };
        let acl = acls
            .into_iter()
            .flatten()
            .find(|number| !self.acls.contains(number));
        acl.map(Lack::Acl)
    }
}

/// What is not there yet.
enum Lack {
    Acl(u32),
    Policy(u32),
}

/// The words of a line, without its comment.
fn words(line: &str) -> Vec<&str> {
    let (line, _) = line.split_once('#').unwrap_or((line, ""));
    line.split_ascii_whitespace().collect()
}

/// The number that follows a word.
fn number(words: &[&str], key: &str) -> Option<u32> {
    let mut pairs = words.windows(2);
    pairs.find_map(|pair| pair[1].parse().ok().filter(|_| pair[0] == key))
}

/// The numbers that VPP gives to the next ACLs after these extra commands.
pub fn next_acls(extra_commands: &str) -> impl Iterator<Item = u32> {
    let taken = Made::of(extra_commands).acls;
    (0..).filter(move |number| !taken.contains(number))
}

/// The extra commands of core, with the place of the key, name no ACL and no policy that they have not made before: any other
/// number is nobody's, or is ours.
pub(in crate::config) fn numbers_are_of_their_own(commands: Option<(&str, Span)>, found: &mut Findings) {
    let Some((text, place)) = commands else {
        return;
    };
    let mut made = Made::default();
    for (line, text) in (1..).zip(text.lines()) {
        let words = words(text);
        match made.lacks(&words) {
            None => {}
            Some(Lack::Acl(acl)) => {
                let message = format!(
                    "line {line} of the extra commands names ACL {acl}, which no line before it makes"
                );
                found.report(
                    Diagnostic::error(E0390, place, message)
                        .label("VPP would filter nothing, or by an ACL of a NAT module")
                        .hint("the ACLs of the extra commands are numbered from 0, in their order"),
                );
            }
            Some(Lack::Policy(policy)) => {
                let message = format!(
                    "line {line} of the extra commands attaches ABF policy {policy}, which no line before it makes"
                );
                found.report(
                    Diagnostic::error(E0736, place, message)
                        .label("the policies of NAT modules are made after the extra commands")
                        .hint("add the interface to `from` of the module"),
                );
            }
        }
        made.carry_out(&words);
    }
}
