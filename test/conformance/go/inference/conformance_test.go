package inference_test

import (
	"testing"

	"sigs.k8s.io/gateway-api-inference-extension/conformance"
)

// Flags of the suite say what is run: sigs.k8s.io/gateway-api/conformance/utils/flags.
func TestInferenceExtension(t *testing.T) {
	conformance.RunConformance(t)
}
