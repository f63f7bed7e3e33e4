//! Tests in throw-away user, network and mount namespaces: no root and no separate machine.

mod full;
mod host;
mod identity;
mod namespace;
mod nic;
mod port;
mod real;
mod runtime_codes;
mod sandbox;
mod vpp;
mod vpp_traffic;
mod zbm_hook;
