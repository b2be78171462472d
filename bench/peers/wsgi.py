"""What gunicorn serves for django-health-check."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
