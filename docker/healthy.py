"""Exit code 0 when the web server of this container answers and reaches its database.

That beat or a worker is silent is no reason to restart the web server, which tells it: see /health/.
"""

import sys
import urllib.error
import urllib.request

try:
    with urllib.request.urlopen("http://localhost:8000/health/live/", timeout=8) as answer:
        print(answer.read().decode())
except urllib.error.HTTPError as error:
    sys.exit(f"{error.code}: {error.read().decode()}")
except OSError as error:
    sys.exit(str(error))
