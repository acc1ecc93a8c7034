package inference_test

import (
	"fmt"
	"testing"
)

// Go itself prints the results of subtests when the whole test has ended.
func tell(t *testing.T, name string) {
	outcome := "PASS"
	if t.Failed() {
		outcome = "FAIL"
	} else if t.Skipped() {
		outcome = "SKIP"
	}
	fmt.Printf("=== DONE  %s %s\n", outcome, name)
}
