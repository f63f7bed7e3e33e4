//! Prometheus's text format, version 0.0.4.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It goes up and down.
    Gauge,
    /// It only goes up, until whoever counts starts anew.
    Counter,
}

#[derive(Debug)]
struct Family {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    samples: BTreeMap<String, f64>,
}

/// Metrics, each with its samples. No two samples have the same name and labels.
#[derive(Debug, Default)]
pub struct Exposition {
    families: Vec<Family>,
}

impl Exposition {
    /// A sample is added. What has these labels already is added up: a counter counts both, and whoever adds a gauge names it
    /// by what it is the only one of.
    pub fn add(
        &mut self,
        (name, kind, help): (&'static str, Kind, &'static str),
        labels: &[(&str, &str)],
        value: f64,
    ) {
        let known = self.families.iter().position(|family| family.name == name);
        let index = known.unwrap_or_else(|| {
            self.families.push(Family {
                name,
                help,
                kind,
                samples: BTreeMap::new(),
            });
            self.families.len() - 1
        });
        if let Some(family) = self.families.get_mut(index) {
            *family.samples.entry(written(labels)).or_default() += value;
        }
    }

    /// The whole text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for family in &self.families {
            let kind = match family.kind {
                Kind::Gauge => "gauge",
                Kind::Counter => "counter",
            };
            let help = family.help.replace('\\', "\\\\").replace('\n', "\\n");
            let _ = writeln!(text, "# HELP {} {help}", family.name);
            let _ = writeln!(text, "# TYPE {} {kind}", family.name);
            for (labels, value) in &family.samples {
                let _ = writeln!(text, "{}{labels} {value}", family.name);
            }
        }
        text
    }
}

/// `{name="value",…}`, escaped; nothing without labels.
fn written(labels: &[(&str, &str)]) -> String {
    let escaped = |value: &str| {
        value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
    };
    let parts: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
        .collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!("{{{}}}", parts.join(",")),
    }
}
