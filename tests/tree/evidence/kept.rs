//! What is written down, for how long it is kept, and what is not taken for evidence.

use super::*;

/// The other image may hold an older or a newer version of this program.
#[test]
fn what_another_version_wrote_is_read_as_far_as_it_is_understood() {
    let site = Site::new();
    site.write(
        "persistent/data/imp/evidence/x/evidence.json",
        r#"{"number":7,"ending":"swallowed","class":"DREAMT","reason":"r","checks":[{"odd":1}],"marks":[{"phase":"warp"}],"new":{}}"#,
    );
    let (_, found) = evidence::read_newest(&site.root).unwrap().unwrap();
    assert_eq!(
        (found.number, found.ending, found.class),
        (7, Ending::Unknown, None)
    );
    assert_eq!((found.reason.as_str(), found.checks.len()), ("r", 0));
    site.write(
        "persistent/data/imp/evidence/x/evidence.json",
        "{\"number\": torn",
    );
    assert!(evidence::read_newest(&site.root).unwrap().is_none());
    assert_eq!(site.why(&[]).1, 1);
}

#[test]
fn the_newest_ten_are_kept_and_each_is_bounded() {
    let site = Site::new();
    for number in 0..13 {
        let mut found = of_trial(Ending::Verdict, "r");
        found.trial = Some(format!("0000000000{number:02x}").parse().unwrap());
        found.journal = vec!["x".repeat(1000); 400];
        evidence::write(&site.root, &found).unwrap();
        // The same once more changes nothing.
        evidence::write(&site.root, &found).unwrap();
    }
    let folders: Vec<_> = fs::read_dir(site.path("persistent/data/imp/evidence"))
        .unwrap()
        .collect();
    assert_eq!(folders.len(), 10);
    for folder in folders {
        let file = folder.unwrap().path().join("evidence.json");
        assert!(fs::metadata(file).unwrap().len() <= 256 * 1024);
    }
    let (folder, newest) = evidence::read_newest(&site.root).unwrap().unwrap();
    assert_eq!(newest.number, 13);
    assert!(folder.ends_with("00000000000c"), "{}", folder.display());
}

#[test]
fn marks_outlive_a_boot_and_only_a_few_are_kept() {
    let site = Site::new();
    for boot in 0..8 {
        site.reboot(&format!("{boot:08x}-2222-3333-4444-555555555555"));
        evidence::mark(&site.root, Phase::Userspace);
        evidence::mark(&site.root, Phase::Userspace);
    }
    let marks = evidence::Marks::read(&site.root);
    assert_eq!(marks.boots.len(), 5);
    assert!(marks.boots.iter().all(|boot| boot.marks.len() == 1));
    // Torn by a power cut: begun anew.
    site.write("persistent/data/imp/boot/marks.json", "{");
    evidence::mark(&site.root, Phase::Config);
    assert_eq!(evidence::Marks::read(&site.root).boots.len(), 1);
}

#[test]
fn no_mark_is_written_without_the_shared_storage() {
    let site = Site::new();
    fs::remove_dir_all(site.path("persistent")).unwrap();
    evidence::mark(&site.root, Phase::Userspace);
    assert!(!site.path("persistent").exists());
}

#[test]
fn a_trial_is_marked_with_its_name_until_it_is_good() {
    let site = Site::new();
    assert!(!deadline::is_armed(&site.root));
    let _ = deadline::arm(&site.root, Some(&trial())).unwrap();
    assert_eq!(deadline::trial(&site.root), Some(trial()));
    // Of an attempt without a known name.
    let _ = deadline::arm(&site.root, None).unwrap();
    assert!(deadline::is_armed(&site.root));
    assert_eq!(deadline::trial(&site.root), None);
    let _ = deadline::disarm(&site.root).unwrap();
    assert!(!deadline::is_armed(&site.root));
}

/// What `systemd-pstore` moved in an earlier boot is an earlier crash.
#[test]
fn a_crash_of_long_ago_is_not_taken_for_this_one() {
    let site = Site::new();
    site.write("var/lib/systemd/pstore/170000/dmesg.txt", PANIC);
    site.write("proc/stat", "cpu 1 2 3\nbtime 0\n");
    assert_eq!(Reset::read(&site.root).crashes.len(), 1, "moved in this boot");
    // Or in any, where the battery of the clock is empty: nothing is concluded from it.
    assert_eq!(Reset::of_trial(&site.root, None, Vec::new()), Reset::default());
    site.write("proc/stat", "cpu 1 2 3\nbtime 99999999999\n");
    assert_eq!(Reset::read(&site.root), Reset::default());
}

#[test]
fn records_of_no_crash_and_of_no_text_are_nothing() {
    let site = Site::new();
    site.write(
        "sys/fs/pstore/console-ramoops-0",
        "Kernel panic - not syncing: of a console\n",
    );
    site.write(
        "sys/fs/pstore/dmesg-efi-1",
        "Shutdown#1 Part1\n<6>[  1.0] all well\n",
    );
    fs::write(
        site.path("sys/fs/pstore/dmesg-efi-2.enc.z"),
        [0xff_u8, 0x00, 0x9c],
    )
    .unwrap();
    let found = Reset::read(&site.root);
    assert_eq!(found.unreadable, ["sys/fs/pstore/dmesg-efi-2.enc.z"]);
    assert!(!found.has_cause(), "{found:?}");
    let oops = Crash {
        title: "BUG: x".to_owned(),
        ..Crash::default()
    };
    assert!(!oops.is_panic());
    let _ = file::remove(&site.path("sys")).unwrap();
}

/// The kernel keeps its whole log when it is told to, and an oops of an hour ago is in it.
#[test]
fn the_log_of_an_orderly_shutdown_is_no_crash() {
    let site = Site::new();
    for reason in ["Shutdown", "Restart", "Halt", "Poweroff"] {
        let text = format!("{reason}#1 Part1\n<4>[ 9.1] BUG: soft lockup\n<6>[ 99.0] reboot: Restarting\n");
        site.write("sys/fs/pstore/dmesg-efi-1", &text);
        assert_eq!(Reset::read(&site.root), Reset::default(), "{reason}");
    }
    site.write(
        "sys/fs/pstore/dmesg-efi-1",
        "Oops#1 Part1\n<4>[ 9.1] BUG: soft lockup\n",
    );
    assert_eq!(Reset::read(&site.root).crashes[0].title, "BUG: soft lockup");
}

#[test]
fn what_was_there_before_a_trial_is_told_and_not_held_against_it() {
    let site = Site::new();
    site.write("sys/fs/pstore/dmesg-ramoops-0", PANIC);
    site.write("sys/class/watchdog/watchdog0/bootstatus", "32\n");
    site.write("sys/class/watchdog/watchdog0/identity", "iTCO_wdt\n");
    evidence::Traces::take(&site.root, &trial(), &[]).unwrap();
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!(found.proof(), None);
    let (text, _) = site.why(&[]);
    let told = "\nthere before the trial began, so not held against it:\n  watchdog0 (iTCO_wdt) reset the machine\n  \
                sys/fs/pstore/dmesg-ramoops-0\n";
    assert!(text.contains(told), "{text}");
    // A store in memory takes the same name for the next crash.
    let site = Site::new();
    site.write(
        "sys/fs/pstore/dmesg-ramoops-0",
        "Oops#1 Part1\n<4>[ 1.0] BUG: x\n",
    );
    evidence::Traces::take(&site.root, &trial(), &[]).unwrap();
    site.write("sys/fs/pstore/dmesg-ramoops-0", PANIC);
    assert!(
        evidence::post_mortem(&site.root, &attempt(), Seen::default())
            .proof()
            .is_some()
    );
}

/// The image before it may have died while it shut down.
#[test]
fn what_a_trial_finds_when_it_comes_up_is_not_how_it_ended() {
    let site = Site::new();
    evidence::Traces::take(&site.root, &trial(), &[]).unwrap();
    site.write("sys/fs/pstore/dmesg-efi-1", PANIC);
    evidence::Traces::add(&site.root, &trial()).unwrap();
    assert_eq!(
        evidence::post_mortem(&site.root, &attempt(), Seen::default()).proof(),
        None
    );
}

#[test]
fn last_words_that_nobody_can_read_are_named() {
    let site = Site::new();
    fs::create_dir_all(site.path("sys/fs/pstore")).unwrap();
    fs::write(
        site.path("sys/fs/pstore/dmesg-efi-2.enc.z"),
        [0xff_u8, 0x00, 0x9c],
    )
    .unwrap();
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert!(
        found.what().contains("sys/fs/pstore/dmesg-efi-2.enc.z"),
        "{}",
        found.what()
    );
    assert_eq!(found.proof(), None);
}
