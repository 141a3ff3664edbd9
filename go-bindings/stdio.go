package tenon

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/tenon-wasm/tenon-go/internal/cabi"
)

// SetStdin makes programs read from r.
//
// A bytes.Reader, bytes.Buffer or strings.Reader is read to its end now. From any other reader a goroutine copies into a
// pipe, up to a pipe's capacity ahead of the program, until the reader ends or nobody reads the pipe.
func (c *WasiConfig) SetStdin(r io.Reader) error {
	switch r.(type) {
	case *bytes.Reader, *bytes.Buffer, *strings.Reader:
		data, err := io.ReadAll(r)
		if err == nil {
			c.own.Use().SetStdin(data)
			c.own.Done()
		}
		return err
	}
	from, to, err := os.Pipe()
	if err != nil {
		return err
	}
	defer from.Close()
	if err := c.setFile(cabi.Stdin, "/proc/self/fd/"+strconv.Itoa(int(from.Fd()))); err != nil {
		to.Close()
		return err
	}
	go func() {
		defer to.Close()
		_, _ = io.Copy(to, r)
	}()
	return nil
}

// SetStdout makes programs write to w.
//
// Library threads never call w. What a program writes is handed over by a goroutine, soon, and by the goroutine that
// called the guest before that call returns: then all of it has arrived. An error of w is not seen by the program;
// what it writes later is dropped.
func (c *WasiConfig) SetStdout(w io.Writer) error { return c.setOutput(cabi.Stdout, w) }

// SetStderr makes programs write errors to w; see [WasiConfig.SetStdout].
func (c *WasiConfig) SetStderr(w io.Writer) error { return c.setOutput(cabi.Stderr, w) }

func (c *WasiConfig) setOutput(s cabi.Stream, w io.Writer) error {
	from, to, err := os.Pipe()
	if err != nil {
		return err
	}
	// The library gets a descriptor of its own; ours is only good for making it.
	fd, err := duplicate(to)
	to.Close()
	if err != nil {
		from.Close()
		return err
	}
	native := c.own.Use()
	defer c.own.Done()
	o := &output{to: w, native: native.SetOutput(s, fd)}
	if o.native == nil {
		from.Close()
		return newError("out of memory")
	}
	c.outputs = append(c.outputs, o)
	go o.serve(from)
	return nil
}

// output carries what a guest writes to a writer.
type output struct {
	mu     sync.Mutex
	to     io.Writer
	native *cabi.Output // nil when the guest's end is gone and everything was taken
	buf    [4096]byte
	failed bool
}

// serve forwards whenever the guest has written, until its end of the pipe is closed.
func (o *output) serve(announcements *os.File) {
	defer announcements.Close()
	var some [64]byte
	for {
		_, err := announcements.Read(some[:])
		o.flush()
		if err != nil {
			break
		}
	}
	o.mu.Lock()
	o.native.Release()
	o.native = nil
	o.mu.Unlock()
}

// flush forwards what there is.
func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for rest := 1; rest > 0 && o.native != nil; {
		var n int
		if n, rest = o.native.Take(o.buf[:]); n > 0 && !o.failed {
			_, err := o.to.Write(o.buf[:n])
			o.failed = err != nil
		}
	}
}
