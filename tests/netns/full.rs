//! A disk that is full while a change is applied: it is said, nothing is lost, and the next attempt ends where the first would
//! have.
#![allow(clippy::unwrap_used)]

use super::sandbox;
use imp::exit::Failure;
use imp::host::bus::JobResult;
use imp::step::apply::request::{Request, Wanted};
use imp::step::candidate::Candidate;
use imp::step::generation::Store;
use imp::step::reload::{pending, reload_by};
use imp::types::Root;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::process::Command;

const PAGE: u64 = 4096;

fn document(network: &str) -> String {
    format!(
        "config-version = 1\n[system]\nhostname = \"edge1\"\n\
         [firewall]\nallow = [{{ service = \"ssh\", from = [\"{network}\"] }}]\n"
    )
}

/// A router whose `/run` and `/persistent` are small disks.
struct Router<'r> {
    root: &'r Root,
}

impl<'r> Router<'r> {
    /// It runs the rules for the first network.
    fn start(root: &'r Root) -> Self {
        for disk in ["run", "persistent"] {
            let place = root.join(disk);
            fs::create_dir_all(&place).unwrap();
            let place = place.to_str().unwrap().to_owned();
            sandbox::command("mount", &["-t", "tmpfs", "-o", "size=1m", "tmpfs", &place]);
        }
        for folder in ["persistent/config", "persistent/data"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        let router = Self { root };
        router.write("172.16.0.0/24");
        let output = Command::new(env!("CARGO_BIN_EXE_imp-config"))
            .arg("--root")
            .arg(root.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        router
    }

    fn write(&self, network: &str) {
        fs::write(self.root.join("persistent/config/imp.toml"), document(network)).unwrap();
    }

    /// Fills a disk up to so many bytes.
    fn fill(&self, disk: &str, but: u64) {
        let path = self.root.join(disk).join("ballast");
        let mut ballast = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        while ballast.write_all(&[0; PAGE as usize]).is_ok() {}
        let length = ballast.metadata().unwrap().len();
        ballast
            .set_len((length / PAGE * PAGE).saturating_sub(but))
            .unwrap();
    }

    fn clear(&self, disk: &str) {
        fs::remove_file(self.root.join(disk).join("ballast")).unwrap();
    }

    fn apply(&self) -> (Vec<String>, Result<(), Failure>) {
        let mut jobs = Vec::new();
        let result = reload_by(
            self.root,
            Candidate::examine,
            Some(&mut |job, _| {
                jobs.push(job.to_string());
                JobResult::Done
            }),
        );
        (jobs, result)
    }

    fn rules(&self) -> String {
        fs::read_to_string(self.root.join("run/imp/nftables.conf")).unwrap()
    }

    fn kept(&self) -> usize {
        Store::new(self.root).newest_first().unwrap().len()
    }
}

/// Whatever the last write is that still fits.
#[test]
fn a_change_that_does_not_fit_into_run_is_finished_by_the_next_one() {
    sandbox::run(
        "full::a_change_that_does_not_fit_into_run_is_finished_by_the_next_one",
        |root| {
            let router = Router::start(root);
            let mut refused = 0;
            for round in 0..24 {
                let network = format!("172.16.{}.0/24", round + 1);
                router.write(&network);
                router.fill("run", round * PAGE);
                let (jobs, result) = router.apply();
                if let Err(failure) = result {
                    refused += 1;
                    assert!(
                        failure.to_string().contains("No space left"),
                        "{round}: {failure}"
                    );
                    assert_eq!(jobs, [""; 0], "{round}: a part was told of half a change");
                }
                router.clear("run");
                let (_, result) = router.apply();
                assert!(result.is_ok(), "{round}: {result:?}");
                assert!(router.rules().contains(&network), "{round}: {}", router.rules());
                assert!(pending(root).is_empty(), "{round}");
                let (jobs, _) = router.apply();
                assert_eq!(jobs, [""; 0], "{round}: it is not done");
            }
            assert!((3..24).contains(&refused), "refused {refused} times");
        },
    );
}

#[test]
fn on_a_full_persistent_a_change_runs_and_is_not_kept() {
    sandbox::run(
        "full::on_a_full_persistent_a_change_runs_and_is_not_kept",
        |root| {
            let router = Router::start(root);
            router.write("172.16.1.0/24");
            router.fill("persistent", 0);
            // What is to go away unless it is confirmed has to outlive a power cut: it is refused.
            let request = Request {
                id: "test".to_owned(),
                asked_ms: imp::host::clock::since_kernel_start_ms(),
                confirm: Wanted::Confirmation(600),
                ..Request::default()
            };
            request.write(root).unwrap();
            let (jobs, result) = router.apply();
            let failure = result.unwrap_err().to_string();
            assert!(failure.contains("No space left"), "{failure}");
            assert_eq!(jobs, [""; 0]);
            assert!(router.rules().contains("172.16.0.0/24"));
            let (jobs, result) = router.apply();
            assert!(result.is_ok(), "{result:?}");
            assert!(
                jobs.contains(&"reload imp-nftables.service".to_owned()),
                "{jobs:?}"
            );
            assert!(router.rules().contains("172.16.1.0/24"));
            let status = fs::read_to_string(root.join("run/imp/status.json")).unwrap();
            assert!(status.contains("cannot be kept"), "{status}");
            assert_eq!(router.kept(), 1, "what was kept is there");
            router.clear("persistent");
            router.apply().1.unwrap();
            assert_eq!(router.kept(), 2);
            let status = fs::read_to_string(root.join("run/imp/status.json")).unwrap();
            assert!(!status.contains("cannot be kept"), "{status}");
        },
    );
}
