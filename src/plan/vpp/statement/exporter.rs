//! Where records of flows and sessions are sent.

/// The IPFIX collector; VPP has one at most for what its commands export.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Exporter {
    /// The collector, the source and the settings, as the command has them.
    pub words: String,
}

/// What turns it off.
const OFF: &str = "set ipfix exporter collector 0.0.0.0 src 0.0.0.0";

pub(super) fn read(words: &[&str]) -> Option<Exporter> {
    match words {
        ["set", "ipfix", "exporter", rest @ ..] => {
            let words = rest.join(" ");
            Some(Exporter { words })
        }
        _ => None,
    }
}

impl Exporter {
    /// Given again with other words it takes the place of what there was.
    pub(super) fn line(&self) -> String {
        format!("set ipfix exporter {}", self.words)
    }

    pub(super) fn delete(&self) -> String {
        OFF.to_owned()
    }
}
