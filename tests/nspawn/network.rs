//! The cables of a test machine: veth pairs between the namespace it boots in and one outside.

use std::process::Command;

/// One NIC: its name and MAC in the machine, the name of the cable's other end outside.
#[derive(Debug, Clone, Copy)]
pub struct Nic {
    pub name: &'static str,
    pub mac: &'static str,
    pub peer: &'static str,
}

pub const MANAGEMENT: Nic = Nic {
    name: "eth0",
    mac: "3c:ec:ef:00:00:01",
    peer: "mgmt",
};
pub const EXTERNAL: Nic = Nic {
    name: "eth1",
    mac: "b4:96:91:00:00:10",
    peer: "transit",
};
pub const INTERNAL: Nic = Nic {
    name: "eth2",
    mac: "b4:96:91:00:00:11",
    peer: "access",
};

/// Two namespaces, the machine's and the outside, gone when this is dropped.
#[derive(Debug)]
pub struct Network {
    pub inside: String,
    pub outside: String,
}

impl Network {
    /// The cables of a machine; `name` must be one no other test uses.
    pub fn new(name: &str, nics: &[Nic]) -> Self {
        let network = Self {
            inside: format!("{name}-in"),
            outside: format!("{name}-out"),
        };
        for namespace in [&network.inside, &network.outside] {
            run("ip", &["netns", "add", namespace]);
            run("ip", &["-n", namespace, "link", "set", "lo", "up"]);
        }
        for nic in nics {
            network.plug(*nic);
        }
        network
    }

    /// Puts a NIC into the machine, running or not.
    pub fn plug(&self, nic: Nic) {
        let Nic { name, mac, peer } = nic;
        let (inside, outside) = (&self.inside, &self.outside);
        run(
            "ip",
            &[
                "-n", inside, "link", "add", name, "address", mac, "type", "veth", "peer", "name", peer,
                "netns", outside,
            ],
        );
        run("ip", &["-n", outside, "link", "set", peer, "up"]);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for namespace in [&self.inside, &self.outside] {
            // What still runs in it was started by the test.
            let _ = Command::new("sh")
                .args([
                    "-c",
                    "ip netns pids \"$1\" | xargs -r kill -9; ip netns del \"$1\"",
                    "sh",
                    namespace,
                ])
                .status();
        }
    }
}

/// Runs a command that must succeed.
pub fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program} {args:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}
