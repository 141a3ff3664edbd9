package handle

import "testing"

func TestTable(t *testing.T) {
	var table Table[string]
	a, b := table.Insert("a"), table.Insert("b")
	if a == 0 || b == 0 || a == b {
		t.Fatalf("numbers are %d and %d, want two that are not 0", a, b)
	}
	if v, ok := table.Get(a); v != "a" || !ok {
		t.Errorf("Get(a) = %q, %v", v, ok)
	}
	table.Remove(a)
	table.Remove(a)
	table.Remove(0)
	table.Remove(99)
	if v, ok := table.Get(a); v != "" || ok {
		t.Errorf("Get of a removed number = %q, %v", v, ok)
	}
	if n := table.Len(); n != 1 {
		t.Errorf("Len = %d, want 1", n)
	}
	if c := table.Insert("c"); c != a {
		t.Errorf("Insert used %d, want the free number %d", c, a)
	}
	if _, ok := table.Get(0); ok {
		t.Error("Get(0) found something")
	}
}
