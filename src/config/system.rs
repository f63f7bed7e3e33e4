//! `[system]`, `[identity]`, `[[bind]]`, `[boot]` and `[apply]`: the host itself.

use super::At;
use crate::types::{HostName, RelPath, Seconds, Target};
use std::net::IpAddr;

/// `[system]`.
#[derive(Debug)]
pub struct System {
    /// The host name; also FRR's and Incus's.
    pub hostname: HostName,
    /// Name servers for resolv.conf, in order.
    pub nameservers: Vec<IpAddr>,
    /// Search domains for resolv.conf, in order.
    pub search: Vec<HostName>,
}

/// `[identity]`.
#[derive(Debug, Default)]
pub struct Identity {
    /// `[[identity.bind]]`: further files beside those with a known name.
    pub binds: Vec<IdentityBind>,
}

/// One `[[identity.bind]]`; no two have one target.
#[derive(Debug)]
pub struct IdentityBind {
    /// Where it was written.
    pub at: At,
    /// Below `/persistent/config/identity`.
    pub source: RelPath,
    /// The placeholder in the image.
    pub target: Target,
}

/// One `[[bind]]`: a directory of `/persistent/data` over one of the image; no two have one target.
#[derive(Debug)]
pub struct Bind {
    /// Where it was written.
    pub at: At,
    /// Below `/persistent/data`.
    pub source: RelPath,
    /// The directory in the image.
    pub target: Target,
}

/// `[boot]`.
#[derive(Debug)]
pub struct Boot {
    /// `health`.
    pub health: Health,
}

/// `[boot] health`: what makes a boot a good one.
#[derive(Debug)]
pub struct Health {
    /// How long the checks may take together. Default 180 s.
    pub deadline: Seconds,
    /// Checks that reject a boot.
    pub required: Vec<Check>,
    /// Checks that warn.
    pub wanted: Vec<Check>,
}

/// A built-in health check, by the name operators write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // the names say it
pub enum Check {
    Management,
    Ssh,
    Nics,
    Vpp,
    Frr,
    Bgp,
    Ospf,
    Incus,
}

/// `[apply]`.
#[derive(Debug)]
pub struct Apply {
    /// How long `impctl apply --confirm` waits. Default 600 s.
    pub confirm_timeout: Seconds,
    /// How many generations are kept, 1 to 1000. Default 50.
    pub generations: u16,
}
