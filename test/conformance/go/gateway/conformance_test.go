package gateway_test

import (
	"testing"

	"sigs.k8s.io/gateway-api/conformance"
)

// Flags of the suite say what is run: sigs.k8s.io/gateway-api/conformance/utils/flags.
func TestGatewayAPI(t *testing.T) {
	conformance.RunConformance(t)
}
