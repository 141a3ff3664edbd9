//! A kernel that refuses some calls, for good and for this thread and those it starts.

/// Lets these system calls (`libc::SYS_*`) fail with `errno`. To be called in a process made for the test.
pub fn deny(calls: &[libc::c_long], errno: i32) {
    let step = |code: u32, jt: u8, k: u32| libc::sock_filter { code: code as u16, jt, jf: 0, k };
    let (load, equal, answer) =
        (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, libc::BPF_RET | libc::BPF_K);
    let mut program = vec![step(load, 0, 0)];
    // To the last step: over the comparisons that follow, and over the answer to all other calls.
    program.extend((1..).zip(calls).map(|(nth, call)| step(equal, (calls.len() - nth + 1) as u8, *call as u32)));
    program.push(step(answer, 0, libc::SECCOMP_RET_ALLOW));
    program.push(step(answer, 0, libc::SECCOMP_RET_ERRNO | errno as u32));
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: the program outlives the calls, which copy it; it changes how some system calls answer and nothing else.
    let done = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &filter) == 0
    };
    assert!(done, "no filter: {}", std::io::Error::last_os_error());
}
