//! The commands for a VPP instance, and how to read its answers. Pure.
//!
//! The rendered file is a plain list of commands. Anything else is in comments (`# at FILE:LINE`, the origin of the commands
//! below it) and in the two marker lines.

mod absent;
mod bond;
mod cost;
mod difference;
mod doubt;
mod drift;
mod fact;
mod going;
mod halfway;
mod kernel;
mod lost;
mod numbers;
mod policing;
mod routers;
mod rule;
mod running;
mod shown;
mod stage;
mod state;
mod statement;
mod step;
mod surplus;
mod unfinished;
mod wanted;

pub use absent::absent;
pub use difference::{Change, Difference, back, change};
pub use doubt::{Doubt, Sign};
pub use drift::{Drift, within_reach};
pub use fact::{Fact, Path};
pub use halfway::{Halfway, halfway};
pub use kernel::{
    Enslaved, KERNEL_ANSWERS, behind_the_kernel, enslaved, pair_with_a_device, paired_device, paired_devices,
};
pub use lost::Lost;
pub use numbers::as_if_fresh;
pub use rule::Rule;
pub use running::{Files, between};
pub use shown::shown;
pub use stage::{Stage, stages};
pub use statement::Family;
use statement::Statement;
pub use step::{Acls, NoAcl, NoNumber, Numbers, Step, interface_numbers};
pub use surplus::Surplus;
pub use unfinished::{Numbered, PEERS, Unfinished, WireguardTunnel};
pub use wanted::{Check, checks, missing};

pub use crate::render::{APPLIED, BEGIN};
const ORIGIN: &str = "# at ";
/// The longest line, in bytes. VPP 25.06 took 2,000 rules in one line of 79 KB; nothing we render comes near the limit.
const LONGEST: usize = 1 << 20;

/// One command, and where in the configuration it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// `FILE:LINE` of the TOML, if the rendered file names one.
    pub origin: Option<String>,
    /// The command line for VPP.
    pub text: String,
}

/// A commands file: the commands between the markers, and the digest in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Identifies this configuration of this instance.
    pub digest: String,
    /// The commands in order, without the markers.
    pub commands: Vec<Command>,
}

/// Why a text is not a valid commands file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The first command is not the opening marker.
    #[error("the first command is not '{BEGIN}DIGEST'")]
    NoBegin,
    /// The last command is not the closing marker with the same digest.
    #[error("the last command is not '{APPLIED}{0}'")]
    NoEnd(String),
    /// VPP would not read the line as it is written.
    #[error("line {0} contains a control character or is longer than {LONGEST} bytes")]
    Line(usize),
}

/// Reads a commands file. Comments are ignored except for origins.
pub fn parse(text: &str) -> Result<Script, ScriptError> {
    let mut origin = None;
    let mut commands = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.len() > LONGEST || line.chars().any(|c| c.is_control() && c != '\t') {
            return Err(ScriptError::Line(number));
        }
        if let Some(place) = line.strip_prefix(ORIGIN) {
            origin = Some(place.trim().to_owned());
        } else if !line.is_empty() && !line.starts_with('#') {
            commands.push(Command {
                origin: origin.clone(),
                text: line.to_owned(),
            });
        }
    }
    let digest = match commands.first().and_then(|c| c.text.strip_prefix(BEGIN)) {
        Some(digest) if is_digest(digest) => digest.to_owned(),
        _ => return Err(ScriptError::NoBegin),
    };
    match commands.last().and_then(|c| c.text.strip_prefix(APPLIED)) {
        Some(end) if end == digest => {}
        _ => return Err(ScriptError::NoEnd(digest)),
    }
    commands.pop();
    commands.remove(0);
    Ok(Script { digest, commands })
}

fn is_digest(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

impl Command {
    /// Whether VPP carried out the command, judging by the text it answered with status 0.
    ///
    /// VPP reports several failures only as text, and `set acl-plugin` loses every error: any unexpected text is a refusal,
    /// and so is a new ACL without its `ACL index:N`.
    pub fn is_confirmed_by(&self, answer: &str) -> bool {
        let answer = answer.trim();
        let starts = |words: &str| self.text.starts_with(words);
        if starts("set acl-plugin acl ") {
            return answer
                .strip_prefix("ACL index:")
                .is_some_and(|n| n.parse::<u32>().is_ok());
        }
        answer.is_empty()
            || starts("show ")
            || starts("delete acl-plugin acl ") && answer.starts_with("Deleted ")
            || starts("create bridge-domain ") && answer.strip_prefix("bridge-domain ").is_some_and(|n| n.parse::<u32>().is_ok())
            || starts("set ipfix exporter ") && answer.to_lowercase().contains("collector ")
            || starts("lcp default netns ") && answer.starts_with("lcp set default netns ")
            // What VPP calls a tunnel that it has just deleted.
            || starts("create gre tunnel ") && self.text.ends_with(" del") && answer.starts_with("DELETED (")
            // The names of the created interfaces, one per line.
            || starts("create ") && answer.lines().all(|line| !line.trim().contains(char::is_whitespace))
    }

    /// Whether it turns IPv6 on where it is on already, or off where it is off: VPP calls that a failure, and counts it all the same
    /// if it is on. The address that Linux gives the device of a pair turns it on, up to two seconds later; what is not on after all is
    /// found when it is read back.
    pub fn was_in_force(&self, answer: &str) -> bool {
        let turns = ["enable ip6 interface ", "disable ip6 interface "];
        turns.iter().any(|it| self.text.starts_with(it)) && answer.trim().ends_with("Failed")
    }
}
