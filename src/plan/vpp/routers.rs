//! How a virtual router of VRRP is set, in words that a command implies and `show vrrp vr` confirms.

use super::Fact;
use std::net::IpAddr;

/// What shows the virtual routers; it has the numbers of their interfaces.
pub(super) const ROUTERS: &str = "show vrrp vr";

/// The settings of a virtual router.
#[derive(Debug)]
pub(super) struct Settings {
    priority: u32,
    interval: u32,
    preempts: bool,
    accepts: bool,
    is_unicast: bool,
    addresses: Vec<IpAddr>,
    peers: Vec<IpAddr>,
}

impl Settings {
    /// Those of a command, with VPP's defaults filled in.
    pub(super) fn of_command(words: &str, peers: &str) -> Self {
        let words: Vec<&str> = words.split_whitespace().collect();
        let behind = |word: &str| {
            let place = words.iter().position(|it| *it == word)?;
            words.get(place + 1)?.parse().ok()
        };
        Self {
            priority: behind("priority").unwrap_or(100),
            interval: behind("interval").unwrap_or(100),
            preempts: !words.contains(&"no_preempt"),
            accepts: words.contains(&"accept_mode"),
            is_unicast: words.contains(&"unicast"),
            addresses: addresses(&words),
            peers: addresses(&peers.split_whitespace().collect::<Vec<_>>()),
        }
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        let mut words = format!("priority {} interval {}", self.priority, self.interval);
        for (word, is_on) in [
            ("preempt", self.preempts),
            ("accept", self.accepts),
            ("unicast", self.is_unicast),
        ] {
            words.push_str(if is_on { " " } else { " no " });
            words.push_str(word);
        }
        for address in &self.addresses {
            words.push_str(&format!(" {address}"));
        }
        for peer in &self.peers {
            words.push_str(&format!(" to {peer}"));
        }
        words
    }
}

/// Words that are no addresses are left out.
fn addresses(words: &[&str]) -> Vec<IpAddr> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

/// The routers in the answer to [`ROUTERS`], and what each tracks.
pub(super) fn shown(answer: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut current: Option<(u32, u32, bool)> = None;
    let mut settings = Settings::of_command("", "");
    let number = |word: &str| word.parse::<u32>().ok();
    for line in answer.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            [_, "sw_if_index", index, "VR", "ID", id, family] => {
                current = number(index)
                    .zip(number(id))
                    .map(|(index, id)| (index, id, family == "IPv6"));
                settings = Settings::of_command("", "");
            }
            [
                "state",
                ..,
                "preempt",
                preempts,
                "accept",
                accepts,
                "unicast",
                is_unicast,
            ] => {
                settings.preempts = preempts == "yes";
                settings.accepts = accepts == "yes";
                settings.is_unicast = is_unicast == "yes";
            }
            ["priority:", "configured", priority, ..] => {
                settings.priority = number(priority).unwrap_or_default();
            }
            ["timers:", "adv", "interval", interval, ..] => {
                settings.interval = number(interval).unwrap_or_default();
            }
            ["addresses", ref of_it @ ..] => settings.addresses = addresses(of_it),
            ["peer", "addresses", ref of_it @ ..] => settings.peers = addresses(of_it),
            ["tracked", "interfaces", ref tracked @ ..] => {
                let Some((index, id, is_v6)) = current.take() else {
                    continue;
                };
                facts.push(Fact::RouterOf(index, id, is_v6, settings.words()));
                let tracked = tracked.chunks(4).filter_map(|words| match *words {
                    ["sw_if_index", interface, "priority", by] => number(interface).zip(number(by)),
                    _ => None,
                });
                facts.extend(tracked.map(|(interface, by)| Fact::TracksOf(index, id, is_v6, interface, by)));
            }
            _ => {}
        }
    }
    facts
}
