//! How a policer is set, and what an interface does to packets on their way in and out, in words that a command implies and a
//! `show` confirms.

use super::Fact;
use super::statement::Family;

/// What shows the policers.
pub(super) const POLICERS: &str = "show policer";
/// What an interface's features follow, without its name.
pub(super) const FEATURES: &str = "show interface features";

/// The settings of a policer, with what VPP takes where a command is silent.
#[derive(Debug)]
struct Settings {
    kind: String,
    /// Rates and bursts: `cir`, `eir`, `cb`, `eb`.
    numbers: [(&'static str, u32); 4],
    rate: String,
    round: String,
    /// What is done with packets that conform, exceed and violate.
    actions: [(&'static str, String); 3],
}

impl Default for Settings {
    fn default() -> Self {
        let drop = || "drop".to_owned();
        Self {
            kind: "1r2c".to_owned(),
            numbers: ["cir", "eir", "cb", "eb"].map(|name| (name, 0)),
            rate: "kbps".to_owned(),
            round: "closest".to_owned(),
            actions: ["conform", "exceed", "violate"].map(|name| (name, drop())),
        }
    }
}

impl Settings {
    fn set(&mut self, word: &str, value: &str) -> Option<()> {
        match word {
            "type" => value.clone_into(&mut self.kind),
            "rate" => value.clone_into(&mut self.rate),
            "round" => value.clone_into(&mut self.round),
            _ => {
                let number = self.numbers.iter_mut().find(|(name, _)| *name == word)?;
                number.1 = value.parse().ok()?;
            }
        }
        Some(())
    }

    fn act(&mut self, on: &str, what: &[&str]) -> Option<()> {
        let action = self.actions.iter_mut().find(|(name, _)| *name == on)?;
        action.1 = what.join(" ").to_lowercase();
        Some(())
    }

    fn words(&self) -> String {
        let mut words = format!("type {}", self.kind);
        for (name, number) in &self.numbers {
            words.push_str(&format!(" {name} {number}"));
        }
        words.push_str(&format!(" rate {} round {}", self.rate, self.round));
        for (name, action) in &self.actions {
            words.push_str(&format!(" {name} {action}"));
        }
        words
    }
}

/// The settings a command gives a policer; `None` where a word is not known here.
pub(super) fn of_command(words: &str) -> Option<String> {
    let mut settings = Settings::default();
    let mut words = words.split_whitespace();
    while let Some(word) = words.next() {
        let value = words.next()?;
        match (word.strip_suffix("-action"), value) {
            (Some(on), "mark-and-transmit") => settings.act(on, &[value, words.next()?])?,
            (Some(on), _) => settings.act(on, &[value])?,
            (None, _) => settings.set(word, value)?,
        }
    }
    Some(settings.words())
}

/// The policers in the answer to [`POLICERS`]: `Name "GOLD" type 1r2c cir 100000 …`, then `rate type kbps, round type closest`, then
/// `conform action transmit, exceed action drop, violate action drop`.
pub(super) fn policers(answer: &str) -> Vec<Fact> {
    let (mut facts, mut current) = (Vec::new(), None::<(String, Settings)>);
    for line in answer.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (&words[..], &mut current) {
            (["Name", name, settings @ ..], _) => {
                let mut has = Settings::default();
                let pairs = settings.chunks_exact(2);
                let _ = pairs.filter_map(|pair| has.set(pair[0], pair[1])).count();
                current = Some((name.trim_matches('"').to_owned(), has));
            }
            (["rate", "type", rate, "round", "type", round], Some((_, has))) => {
                rate.trim_end_matches(',').clone_into(&mut has.rate);
                (*round).clone_into(&mut has.round);
            }
            (["conform", "action", ..], Some((name, has))) => {
                for part in line.split(',') {
                    if let [on, "action", what @ ..] = &part.split_whitespace().collect::<Vec<_>>()[..] {
                        let _ = has.act(on, what);
                    }
                }
                facts.push(Fact::Policer(std::mem::take(name), has.words()));
                current = None;
            }
            _ => {}
        }
    }
    facts
}

/// What an interface does with packets, in the answer to [`FEATURES`]: the name of each arc, then what is on it, one a line. VPP does
/// not say which policer it is that polices.
pub(super) fn features(name: &str, answer: &str) -> Vec<Fact> {
    let (mut facts, mut arc) = (Vec::new(), "");
    for line in answer.lines() {
        let word = line.trim();
        if let Some(of) = word.strip_suffix(':') {
            arc = of;
            continue;
        }
        let checks = |family: Family, prefix: &str| {
            let mode = word.strip_prefix(prefix)?;
            Some(Fact::Urpf(name.to_owned(), family, mode.to_owned()))
        };
        let polices = |side: &str| Fact::Policed(name.to_owned(), side.to_owned());
        let fact = match (arc, word) {
            ("ip4-unicast", _) => checks(Family::V4, "ip4-rx-urpf-"),
            ("ip6-unicast", _) => checks(Family::V6, "ip6-rx-urpf-"),
            ("device-input", "policer-input") => Some(polices("input")),
            ("ip4-output", "policer-output") => Some(polices("output")),
            _ => None,
        };
        facts.extend(fact);
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_and_what_vpp_shows_of_it_are_the_same_words() {
        let shown = "Name \"p\" type 1r3c cir 1000 eir 0 cb 2000 eb 3000\nrate type pps, round type up\n\
            conform action mark-and-transmit AF11, exceed action transmit, violate action drop\n \n\
            Policer at index 0: single rate, not color-aware\nconform 10 packets, 900 bytes\n-----------\n";
        let command = "type 1r3c cir 1000 cb 2000 eb 3000 rate pps round up conform-action mark-and-transmit AF11 exceed-action transmit";
        let words = of_command(command).unwrap_or_default();
        assert_eq!(policers(shown), [Fact::Policer("p".to_owned(), words)]);
    }

    #[test]
    fn a_word_that_is_not_known_is_no_claim() {
        assert_eq!(of_command("cir 1000 cb 10 color-aware"), None);
        assert_eq!(of_command("cir 1000 burst 10"), None);
        assert_eq!(of_command("cir"), None);
    }
}
