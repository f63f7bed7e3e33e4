//! What a change costs whoever uses the router. Pure.

use crate::types::InstanceName;
use serde::Serialize;
use std::fmt;

/// What one planned change costs; in the order of severity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Impact {
    /// Nothing that anybody notices.
    Live,
    /// Nothing stops, but something that is configured does not hold for a while, or not for what is under way.
    Lapses {
        /// What, and for how long.
        what: String,
        /// Why.
        why: String,
    },
    /// Traffic through one interface, or of the whole instance, stops for about this long.
    Interrupts {
        /// The interface; `None`: everything the instance forwards.
        interface: Option<String>,
        /// For about how many milliseconds.
        milliseconds: u32,
        /// Why.
        why: String,
    },
    /// Nothing is forwarded through the interface any more, as was asked for.
    Ends {
        /// The interface.
        interface: String,
        /// Why.
        why: String,
    },
    /// The NAT sessions of these mappings end.
    DropsNatSessions {
        /// The mappings or pools, as VPP prints them.
        of: Vec<String>,
        /// Why.
        why: String,
    },
    /// These BGP sessions are reset.
    ResetsSessions {
        /// The peers.
        peers: Vec<String>,
        /// Why.
        why: String,
    },
    /// FRR is restarted: every session and adjacency is reset.
    RestartsFrr {
        /// Why.
        why: String,
    },
    /// A VPP instance other than core is restarted, with all its sessions.
    RestartsNat {
        /// The instance.
        instance: InstanceName,
        /// Why.
        why: String,
    },
    /// VPP core is restarted, and FRR with it: nothing is forwarded for half a minute.
    RestartsCore {
        /// Why.
        why: String,
    },
    /// It takes effect at the next boot.
    NeedsReboot {
        /// Why.
        why: String,
    },
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live => f.write_str("live"),
            Self::Lapses { what, why } => write!(f, "{what}: {why}"),
            Self::Interrupts {
                interface: Some(name),
                milliseconds,
                why,
            } => write!(
                f,
                "interrupts forwarding through {name} for about {milliseconds} ms: {why}"
            ),
            Self::Interrupts {
                interface: None,
                milliseconds,
                why,
            } => write!(f, "interrupts all forwarding for about {milliseconds} ms: {why}"),
            Self::Ends { interface, why } => write!(f, "ends forwarding through {interface}: {why}"),
            Self::DropsNatSessions { of, why } => {
                write!(f, "drops the NAT sessions of {}: {why}", of.join(", "))
            }
            Self::ResetsSessions { peers, why } => {
                write!(f, "resets the BGP sessions with {}: {why}", peers.join(", "))
            }
            Self::RestartsFrr { why } => write!(f, "restarts FRR: {why}"),
            Self::RestartsNat { instance, why } => write!(f, "restarts VPP '{instance}': {why}"),
            Self::RestartsCore { why } => write!(f, "restarts VPP core and FRR: {why}"),
            Self::NeedsReboot { why } => write!(f, "needs a reboot: {why}"),
        }
    }
}
