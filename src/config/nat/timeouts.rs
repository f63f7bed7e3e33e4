//! How long a module keeps a session that is idle.

use super::raw::{SessionTimeout, TimeoutsRaw};
use crate::config::keys::Field;

/// `timeouts`, in seconds: 1 to 86,400, and only where it is another than VPP's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SessionTimeouts {
    /// Of UDP; VPP's own is 300.
    pub udp: Option<u32>,
    /// Of a TCP connection that stands; VPP's own is 7,440.
    pub tcp_established: Option<u32>,
    /// Of one that begins or ends; VPP's own is 240.
    pub tcp_transitory: Option<u32>,
    /// Of ICMP; VPP's own is 60.
    pub icmp: Option<u32>,
}

/// `timeouts`.
pub(super) fn timeouts(field: &Field<TimeoutsRaw>) -> SessionTimeouts {
    let Some(raw) = field.get() else {
        return SessionTimeouts::default();
    };
    let other = |field: &Field<SessionTimeout>, default: u32| {
        let seconds = field.get().map(|timeout| timeout.get().get());
        seconds.filter(|seconds| *seconds != default)
    };
    SessionTimeouts {
        udp: other(&raw.udp, 300),
        tcp_established: other(&raw.tcp_established, 7440),
        tcp_transitory: other(&raw.tcp_transitory, 240),
        icmp: other(&raw.icmp, 60),
    }
}
