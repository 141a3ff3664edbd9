// WASI calls that programs make most. `io <what> <count>`: prepares in the current directory, times `count` operations
// of the kind, and prints what they came to. Natively it makes the system calls that a host needs for it.
#include "bench.h"
#ifdef __wasm__
#include <wasi/api.h>
#else
#include <dirent.h>
#endif
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_SIZE (16 << 20)
static char buffer[65536];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int open_or_fail(const char *path, int flags) {
  int fd = open(path, flags, 0644);
  if (fd < 0) fail(path);
  return fd;
}

static unsigned long read_file(size_t piece, int count) {
  int fd = open_or_fail("big", O_CREAT | O_RDWR | O_TRUNC);
  for (int i = 0; i < FILE_SIZE; i += (int)sizeof buffer) {
    memset(buffer, i >> 16, sizeof buffer);
    if (write(fd, buffer, sizeof buffer) != sizeof buffer) fail("write");
  }
  unsigned long sum = 0;
  lseek(fd, 0, SEEK_SET);
  bench_start();
  for (int i = 0; i < count; i++) {
    ssize_t n = read(fd, buffer, piece);
    if (n == 0) {
      lseek(fd, 0, SEEK_SET);
      i--;
    } else if (n != (ssize_t)piece) {
      fail("read");
    }
    sum += (unsigned char)buffer[i % piece];
  }
  bench_end();
  close(fd);
  return sum;
}

static unsigned long write_file(size_t piece, int count) {
  int fd = open_or_fail("big", O_CREAT | O_RDWR | O_TRUNC);
  // The pages are there before: what is timed is the way to them.
  for (int i = 0; i < FILE_SIZE; i += (int)sizeof buffer)
    if (write(fd, buffer, sizeof buffer) != sizeof buffer) fail("write");
  lseek(fd, 0, SEEK_SET);
  size_t at = 0;
  bench_start();
  for (int i = 0; i < count; i++) {
    buffer[0] = (char)i;
    if (write(fd, buffer, piece) != (ssize_t)piece) fail("write");
    if ((at += piece) >= FILE_SIZE) at = 0, lseek(fd, 0, SEEK_SET);
  }
  bench_end();
  struct stat s;
  if (fstat(fd, &s)) fail("fstat");
  close(fd);
  return (unsigned long)s.st_size;
}

static unsigned long small_files(int count) {
  char name[32];
  for (int i = 0; i < 64; i++) {
    snprintf(name, sizeof name, "small-%02d", i);
    int fd = open_or_fail(name, O_CREAT | O_WRONLY | O_TRUNC);
    if (write(fd, name, 8) != 8) fail("write");
    close(fd);
  }
  unsigned long sum = 0;
  bench_start();
  for (int i = 0; i < count; i++) {
    struct stat s;
    snprintf(name, sizeof name, "small-%02d", i & 63);
    int fd = open_or_fail(name, O_RDONLY);
    if (fstat(fd, &s)) fail("fstat");
    sum += (unsigned long)s.st_size;
    close(fd);
  }
  bench_end();
  return sum;
}

// The driver has made the folder. wasi-libc's readdir would be as good, but for what it costs with engines that start
// from the first entry at every call.
#ifdef __wasm__
static unsigned long list(int fd) {
  static uint8_t entries[1 << 20];
  unsigned long sum = 0;
  uint64_t cookie = 0;
  __wasi_size_t used, at;
  do {
    if (__wasi_fd_readdir(fd, entries, sizeof entries, cookie, &used)) fail("fd_readdir");
    __wasi_dirent_t entry;
    for (at = 0; at + sizeof entry <= used; at += sizeof entry + entry.d_namlen) {
      memcpy(&entry, entries + at, sizeof entry);
      if (at + sizeof entry + entry.d_namlen > used) break;
      cookie = entry.d_next;
      sum += 1 + entry.d_namlen;
    }
  } while (used == sizeof entries);
  return sum;
}
#else
static unsigned long list(int fd) {
  unsigned long sum = 0;
  DIR *dir = fdopendir(dup(fd));
  for (struct dirent *e; (e = readdir(dir));) sum += 1 + strlen(e->d_name);
  closedir(dir);
  return sum;
}
#endif

static unsigned long read_directory(void) {
  bench_start();
  int fd = open_or_fail("many", O_RDONLY | O_DIRECTORY);
  unsigned long sum = list(fd);
  close(fd);
  bench_end();
  return sum;
}

static unsigned long clocks(int count) {
  struct timespec from, t;
  clock_gettime(CLOCK_MONOTONIC, &from);
  bench_start();
  for (int i = 0; i < count; i++) clock_gettime(CLOCK_MONOTONIC, &t);
  bench_end();
  return t.tv_sec > from.tv_sec || (t.tv_sec == from.tv_sec && t.tv_nsec >= from.tv_nsec);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const char *what = argv[1];
  int count = atoi(argv[2]);
  unsigned long result = 0;
  if (!strcmp(what, "read4k")) result = read_file(4096, count);
  else if (!strcmp(what, "read64k")) result = read_file(65536, count);
  else if (!strcmp(what, "write4k")) result = write_file(4096, count);
  else if (!strcmp(what, "write64k")) result = write_file(65536, count);
  else if (!strcmp(what, "small")) result = small_files(count);
  else if (!strcmp(what, "readdir")) result = read_directory();
  else if (!strcmp(what, "clock")) result = clocks(count);
  else return 2;
  printf("%s %lu\n", what, result);
}
