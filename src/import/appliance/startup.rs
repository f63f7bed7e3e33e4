//! VPP's startup.conf.

use super::Appliance;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use std::collections::VecDeque;

/// How deep braces are followed.
const DEEPEST: usize = 8;

/// Sections that the router writes itself, for each instance.
const OURS: [&str; 7] = [
    "unix",
    "api-segment",
    "socksvr",
    "statseg",
    "plugins",
    "api-trace",
    "linux-cp",
];

type Words<'t> = VecDeque<(&'t str, Place)>;

impl Appliance {
    /// The settings of an instance; what VPP needs to run beside others is written by the router itself.
    pub(super) fn startup(&mut self, instance: &str, file: usize, text: &str) {
        self.site.draft.table(&["vpp", instance], Place { file, line: 1 });
        let mut sections: Vec<Vec<&str>> = Vec::new();
        let mut words = Words::new();
        for (number, line) in (1..).zip(text.lines()) {
            let place = Place { file, line: number };
            for token in tokens(line.split('#').next().unwrap_or_default()) {
                match token {
                    "{" if sections.len() >= DEEPEST => {
                        let why = format!("braces are more than {DEEPEST} deep; nothing after them is read");
                        return self.leave(place, "", Why::Because(why));
                    }
                    "{" => {
                        let header = header(&mut words);
                        self.settings(instance, &sections, &mut words);
                        sections.push(header);
                    }
                    "}" => {
                        self.settings(instance, &sections, &mut words);
                        sections.pop();
                    }
                    word => words.push_back((word, place)),
                }
            }
        }
    }

    /// The settings of a section, as far as they were read.
    fn settings(&mut self, instance: &str, sections: &[Vec<&str>], words: &mut Words<'_>) {
        let names: Vec<&str> = sections.iter().flatten().copied().collect();
        while let Some((key, place)) = words.pop_front() {
            let mut value = || words.pop_front().map_or("", |(value, _)| value);
            match (&names[..], key) {
                (["cpu"], "main-core" | "corelist-workers")
                | (["memory"], "main-heap-size")
                | (["buffers"], "buffers-per-numa")
                | (["unix"], "poll-sleep-usec")
                | (["dpdk"], "uio-driver") => {
                    let value = match key {
                        "corelist-workers" | "main-heap-size" | "uio-driver" => Value::text(value()),
                        _ => Value::number(value()),
                    };
                    self.site.draft.set(&["vpp", instance], key, value, place);
                }
                (["dpdk", "dev", pci], "name") => {
                    let name = value();
                    let link = self.site.interface(name);
                    self.site.draft.inner(&link.path(), "match", "pci", *pci, place);
                    self.links.insert(name.to_owned(), link);
                }
                // As many queues as there are workers are made without being told.
                (["dpdk", "dev", _], "num-rx-queues" | "num-tx-queues" | "num-rx-desc" | "num-tx-desc") => {
                    let _ = value();
                }
                (["dpdk"], "dev") => {
                    let pci = value();
                    let why =
                        "it has no name; write [interfaces.NAME] with match = { pci = \"…\" }".to_owned();
                    self.leave(place, &format!("dev {pci}"), Why::Because(why));
                }
                (["linux-cp"], "default") => {
                    let _netns = value();
                    let namespace = value().to_owned();
                    self.namespace(&namespace, place);
                }
                ([first, ..], _) if OURS.contains(first) => {}
                (section, _) => {
                    // How many words follow is not known: those of its line.
                    let mut statement = section.join(" ");
                    statement.push_str(&format!(" {{ {key}"));
                    while let Some((word, _)) = words.front().filter(|(_, other)| *other == place) {
                        statement.push_str(&format!(" {word}"));
                        words.pop_front();
                    }
                    self.leave(place, &format!("{statement} }}"), Why::NotYet);
                }
            }
        }
    }
}

/// The words in front of a brace that name its section: `dpdk`, `dev 0000:65:00.0`, `plugin NAME`.
fn header<'t>(words: &mut Words<'t>) -> Vec<&'t str> {
    let mut header: Vec<&str> = words.pop_back().map(|(word, _)| word).into_iter().collect();
    if words
        .back()
        .is_some_and(|(word, _)| ["dev", "plugin"].contains(word))
    {
        header.splice(0..0, words.pop_back().map(|(word, _)| word));
    }
    header
}

fn tokens(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace().flat_map(|word| {
        // A brace needs no blank around it.
        word.split_inclusive(['{', '}']).flat_map(|part| {
            let at = part.len() - usize::from(part.ends_with(['{', '}']));
            let (word, brace) = part.split_at(at);
            [word, brace].into_iter().filter(|token| !token.is_empty())
        })
    })
}
